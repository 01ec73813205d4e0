package keyspace

import (
	"fmt"
	"strings"
)

// Error is an error reply, the text as Redis 7.0 sends it: a code in capitals,
// a space and a sentence.
type Error string

func (e Error) Error() string { return string(e) }

// IsCode reports whether a word could be the code of an error: capitals alone.
func IsCode(word string) bool {
	return word != "" && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Every text in one place. Those with a verb are filled in by the functions
// below.
const (
	ErrWrongType     = Error("WRONGTYPE Operation against a key holding the wrong kind of value")
	ErrSyntax        = Error("ERR syntax error")
	ErrNotInteger    = Error("ERR value is not an integer or out of range")
	ErrNotFloat      = Error("ERR value is not a valid float")
	ErrNotPositive   = Error("ERR value is out of range, must be positive")
	ErrNoSuchKey     = Error("ERR no such key")
	ErrIndexRange    = Error("ERR index out of range")
	ErrOverflow      = Error("ERR increment or decrement would overflow")
	ErrIncrNaN       = Error("ERR increment would produce NaN or Infinity")
	ErrDecrOverflow  = Error("ERR decrement would overflow")
	ErrHashNotInt    = Error("ERR hash value is not an integer")
	ErrHashNotFloat  = Error("ERR hash value is not a float")
	ErrInvalidCursor = Error("ERR invalid cursor")
	ErrTooLong       = Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	ErrOffset        = Error("ERR offset is out of range")
	ErrDBIndex       = Error("ERR DB index is out of range")
	ErrSameObject    = Error("ERR source and destination objects are the same")

	errNumKeys          = Error("ERR numkeys should be greater than 0")
	errTooManyKeys      = Error("ERR Number of keys can't be greater than number of args")
	errCountNotPositive = Error("ERR count should be greater than 0")
	errCountNegative    = Error("ERR COUNT can't be negative")
	errMaxLenNegative   = Error("ERR MAXLEN can't be negative")
	errLimitNegative    = Error("ERR LIMIT can't be negative")
	errRankZero         = Error("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
	errOutOfRange       = Error("ERR value is out of range")
	errSymmetricRange   = Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
	errScoreNaN         = Error("ERR resulting score is not a number (NaN)")
	errScoreRange       = Error("ERR min or max is not a float")
	errLexRange         = Error("ERR min or max not valid string range item")
	errWeight           = Error("ERR weight value is not a float")
	errNXandXX          = Error("ERR XX and NX options at the same time are not compatible")
	errGTandLTandNX     = Error("ERR GT, LT, and/or NX options at the same time are not compatible")
	errIncrPairs        = Error("ERR INCR option supports a single increment-element pair")
	errLimitByRank      = Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	errWithScoresByLex  = Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
	errZeroStep         = Error("ERR slice step cannot be zero")

	errLCSType       = Error("ERR The specified keys must contain string values")
	errLCSBoth       = Error("ERR If you want both the length and indexes, please just use IDX.")
	errLCSMemory     = Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
	errNaNOrInf      = Error("ERR value is NaN or Infinity")
	errInt32Range    = Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	errFirstDB       = Error("ERR invalid first DB index")
	errSecondDB      = Error("ERR invalid second DB index")
	errExpireNXandXX = Error("ERR NX and XX, GT or LT options at the same time are not compatible")
	errExpireGTandLT = Error("ERR GT and LT options at the same time are not compatible")

	errTimeoutFloat    = Error("ERR timeout is not a float or out of range")
	errTimeoutNegative = Error("ERR timeout is negative")

	errBitOffset     = Error("ERR bit offset is not an integer or out of range")
	errBit           = Error("ERR bit is not an integer or out of range")
	errBitArgument   = Error("ERR The bit argument must be 1 or 0.")
	errBitNot        = Error("ERR BITOP NOT must be called with a single source key.")
	errFieldType     = Error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	errFieldOverflow = Error("ERR Invalid OVERFLOW type specified")
	errFieldReadOnly = Error("ERR BITFIELD_RO only supports the GET subcommand")

	errTimeoutInt     = Error("ERR timeout is not an integer or out of range")
	errStreamID       = Error("ERR Invalid stream ID specified as stream command argument")
	errStartID        = Error("ERR invalid start ID for the interval")
	errEndID          = Error("ERR invalid end ID for the interval")
	errZeroID         = Error("ERR The ID specified in XADD must be greater than 0-0")
	errSmallID        = Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	errLastID         = Error("ERR The stream has exhausted the last possible ID, unable to add more items")
	errEntrySize      = Error("ERR Elements are too large to be stored")
	errMaxLen         = Error("ERR The MAXLEN argument must be >= 0.")
	errTrimLimit      = Error("ERR The LIMIT argument must be >= 0.")
	errBothStrategies = Error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
	errNoStrategy     = Error("ERR syntax error, XTRIM must be called with a trimming strategy")
	errLimitAlone     = Error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
	errLimitExact     = Error("ERR syntax error, LIMIT cannot be used without the special ~ option")
	errEntriesAdded   = Error("ERR entries_added must be positive")
	errSetIDDeleted   = Error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
	errSetIDSmall     = Error("ERR The ID specified in XSETID is smaller than the target stream top item")
	errSetIDLength    = Error("ERR The entries_added specified in XSETID is smaller than the target stream length")
	errUnbalanced     = Error("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
	errNoGroupOption  = Error("ERR Missing GROUP option for XREADGROUP")
	errGroupInXread   = Error("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
	errNoAckInXread   = Error("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
	errNewInXread     = Error("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
	errDollarInGroup  = Error("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	errStreamGone     = Error("UNBLOCKED the stream key no longer exists")
	errGroupGone      = Error("NOGROUP the consumer group this client was blocked on no longer exists")
	errGroupExists    = Error("BUSYGROUP Consumer Group name already exists")
	errGroupNeedsKey  = Error("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
	errEntriesRead    = Error("ERR value for ENTRIESREAD must be positive or -1")
	errClaimCount     = Error("ERR COUNT must be > 0")

	errNoHLL     = Error("WRONGTYPE Key is not a valid HyperLogLog string value.")
	errBrokenHLL = Error("INVALIDOBJ Corrupted HLL object detected")

	errUnit            = Error("ERR unsupported unit provided. please use M, KM, FT, MI")
	errRadius          = Error("ERR need numeric radius")
	errRadiusNegative  = Error("ERR radius cannot be negative")
	errWidth           = Error("ERR need numeric width")
	errHeight          = Error("ERR need numeric height")
	errBoxNegative     = Error("ERR height or width cannot be negative")
	errGeoMember       = Error("ERR could not decode requested zset member")
	errGeoCount        = Error("ERR COUNT must be > 0")
	errAnyWithoutCount = Error("ERR the ANY argument requires COUNT argument")

	errSortScore = Error("ERR One or more scores can't be converted into double")

	errNoFrequency = Error("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
	errBusyKey     = Error("BUSYKEY Target key name already exists.")
	errRestoreTime = Error("ERR Invalid TTL value, must be >= 0")
	errIdleTime    = Error("ERR Invalid IDLETIME value, must be >= 0")
	errFrequency   = Error("ERR Invalid FREQ value, must be >= 0 and <= 255")
	errDumpFooter  = Error("ERR DUMP payload version or checksum are wrong")
	errBadData     = Error("ERR Bad data format")
	errDumpSize    = Error("ERR the dump expands to more than a string may have (proto-max-bulk-len)")

	ErrNoScript          = Error("NOSCRIPT No matching script. Please use EVAL.")
	errNoScripting       = Error("ERR there is no language for scripts here")
	errKeysNegative      = Error("ERR Number of keys can't be negative")
	errNotBusy           = Error("NOTBUSY No scripts in execution right now.")
	errScriptFlush       = Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
	errNoDebugger        = Error("ERR there is no debugger for scripts here")
	errUnknownFromScript = Error("ERR Unknown Redis command called from script")
	errArityFromScript   = Error("ERR Wrong number of args calling Redis command from script")
	errNotFromScript     = Error("ERR This Redis command is not allowed from script")
	errReadOnlyScript    = Error("ERR Write commands are not allowed from read-only scripts.")

	errBadKeys       = Error("ERR Bad number of keys provided")
	errFunctionFlush = Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
	errNoLibraryName = Error("ERR library name argument was not given")
	errRestorePolicy = Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
	errNoFunction    = Error("ERR given type is not a function")
	errBadLibrary    = Error("ERR failed loading library")

	errPattern = Error("ERR a pattern of more than 1024 bytes may not contain *, ?, [ or \\")

	errPlace      = "ERR invalid longitude,latitude pair %s,%s"
	errGeoStoring = "ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
	errGeoFrom    = "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %s"
	errGeoBy      = "ERR exactly one of BYRADIUS and BYBOX can be specified for %s"

	errSortSize = "ERR a SORT of %d elements with %d patterns gives more than the %d that one reply holds"

	errUnknownCommand       = "ERR unknown command '%s', with args beginning with: %s"
	errArity                = "ERR wrong number of arguments for '%s' command"
	errExpireOption         = "ERR Unsupported option %s"
	errExpireTime           = "ERR invalid expire time in '%s' command"
	errInputKeys            = "ERR at least 1 input key is needed for '%s' command"
	errExtendedSlice        = "ERR attempt to assign sequence of size %d to extended slice of size %d"
	errNoSubcommandText     = "ERR unknown subcommand '%s'. Try %s HELP."
	errSubcommandSyntaxText = "ERR unknown subcommand or wrong number of arguments for '%s'. Try %s HELP."
	errNoGroupText          = "NOGROUP No such key '%s' or consumer group '%s'"
	errNoGroupToReadText    = "NOGROUP No such key '%s' or consumer group '%s' in XREADGROUP with GROUP option"
	errNoGroupOfKeyText     = "NOGROUP No such consumer group '%s' for key name '%s'"
	errClaimIdleText        = "ERR Invalid min-idle-time argument for %s"
	errClaimOptionText      = "ERR Invalid %s option argument for XCLAIM"
	errNoClaimOptionText    = "ERR Unrecognized XCLAIM option '%s'"

	errLogText = "MISCONF Errors writing to the AOF file: %v"

	errRandomCount = "ERR a count of %d is more than the %d random members that one call gives"
)

func errWrongArity(name string) error { return Error(fmt.Sprintf(errArity, strings.ToLower(name))) }

// LogError is what Redis says where it cannot write its log.
func LogError(err error) error { return errQuoting(errLogText, err) }

func errInvalidExpire(name string) error {
	return Error(fmt.Sprintf(errExpireTime, strings.ToLower(name)))
}

func errUnsupported(option string) error {
	return Error(oneLine.Replace(fmt.Sprintf(errExpireOption, option)))
}

// errQuoting fills words of a client in.
func errQuoting(text string, words ...any) error {
	return Error(oneLine.Replace(fmt.Sprintf(text, words...)))
}

func errNoGroup(key, group string) error { return errQuoting(errNoGroupText, key, group) }

func errNoGroupToRead(key, group string) error { return errQuoting(errNoGroupToReadText, key, group) }

func errNoGroupOfKey(group, key string) error { return errQuoting(errNoGroupOfKeyText, group, key) }

func errClaimIdle(command string) error { return errQuoting(errClaimIdleText, command) }

func errClaimOption(option string) error { return errQuoting(errClaimOptionText, option) }

func errNoClaimOption(option string) error { return errQuoting(errNoClaimOptionText, option) }

func errNoSubcommand(a Args) error {
	return errQuoting(errNoSubcommandText, a[1][:min(len(a[1]), errUnknownQuote)], strings.ToUpper(a[0]))
}

// errSubcommandSyntax is for a subcommand that exists.
func errSubcommandSyntax(a Args) error {
	return errQuoting(errSubcommandSyntaxText, a[1][:min(len(a[1]), errUnknownQuote)], strings.ToUpper(a[0]))
}

func errNoInputKey(name string) error {
	return Error(fmt.Sprintf(errInputKeys, strings.ToLower(name)))
}

func errSliceSize(values, slice int) error {
	return Error(fmt.Sprintf(errExtendedSlice, values, slice))
}

func errTooManyRandom(count int64) error {
	return Error(fmt.Sprintf(errRandomCount, count, randomMax))
}

// errUnknown quotes the name and the first arguments of the call, as Redis
// does: the name cut to 128 bytes, each argument to what is left of them.
func errUnknown(argv []string) error {
	var args strings.Builder
	for _, a := range argv[1:] {
		left := errUnknownQuote - args.Len()
		if left <= 0 {
			break
		}
		args.WriteString("'" + a[:min(len(a), left)] + "' ")
	}
	name := argv[0][:min(len(argv[0]), errUnknownQuote)]
	return Error(oneLine.Replace(fmt.Sprintf(errUnknownCommand, name, args.String())))
}

const errUnknownQuote = 128

// oneLine keeps what is quoted from breaking the line that an error is in RESP.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")
