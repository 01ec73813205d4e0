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

	errPattern = Error("ERR a pattern of more than 1024 bytes may not contain *, ?, [ or \\")

	errUnknownCommand = "ERR unknown command '%s', with args beginning with: %s"
	errArity          = "ERR wrong number of arguments for '%s' command"
	errExpireOption   = "ERR Unsupported option %s"
	errExpireTime     = "ERR invalid expire time in '%s' command"
	errInputKeys      = "ERR at least 1 input key is needed for '%s' command"
	errExtendedSlice  = "ERR attempt to assign sequence of size %d to extended slice of size %d"
	errRandomCount    = "ERR a count of %d is more than the %d random members that one call gives"
)

func errWrongArity(name string) error { return Error(fmt.Sprintf(errArity, strings.ToLower(name))) }

func errInvalidExpire(name string) error {
	return Error(fmt.Sprintf(errExpireTime, strings.ToLower(name)))
}

func errUnsupported(option string) error {
	return Error(oneLine.Replace(fmt.Sprintf(errExpireOption, option)))
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
