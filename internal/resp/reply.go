package resp

import (
	"math"
	"strconv"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Replies that no command of the table gives, beside those of keyspace: what only
// connections say.
type (
	nullArray struct{} // no list, where nil is no text
	mapping   []any    // keys and values in turn; a list in RESP2
	push      []any    // what comes without being asked for; a list in RESP2
	verbatim  string   // a text for people
	figure    string   // a number as it is written; a text in RESP2
)

// appendReply appends a reply in revision 2 or 3 of the protocol.
func appendReply(dst []byte, v any, revision int) []byte {
	switch v := v.(type) {
	case string:
		return appendBulk(dst, v)
	case int64:
		return appendInt(dst, ':', v)
	case keyspace.Status:
		return append(append(append(dst, '+'), v...), "\r\n"...)
	case nil:
		if revision == 3 {
			return append(dst, "_\r\n"...)
		}
		return append(dst, "$-1\r\n"...)
	case nullArray:
		if revision == 3 {
			return append(dst, "_\r\n"...)
		}
		return append(dst, "*-1\r\n"...)
	case keyspace.Error:
		return append(append(append(dst, '-'), v...), "\r\n"...)
	case error:
		return append(append(append(dst, '-'), errorText(v)...), "\r\n"...)
	case float64:
		if revision == 3 {
			return append(appendDouble(append(dst, ','), v), "\r\n"...)
		}
		return appendBulk(dst, keyspace.FormatFloat(v))
	case bool:
		switch {
		case revision == 3 && v:
			return append(dst, "#t\r\n"...)
		case revision == 3:
			return append(dst, "#f\r\n"...)
		case v:
			return append(dst, ":1\r\n"...)
		}
		return append(dst, ":0\r\n"...)
	case figure:
		if revision == 3 {
			return append(append(append(dst, ','), v...), "\r\n"...)
		}
		return appendBulk(dst, string(v))
	case verbatim:
		if revision == 3 {
			dst = appendInt(dst, '=', int64(len(v)+4))
			return append(append(append(dst, "txt:"...), v...), "\r\n"...)
		}
		return appendBulk(dst, string(v))
	case []string:
		return appendTexts(dst, '*', len(v), v)
	case keyspace.Set:
		return appendTexts(dst, of(revision, '~'), len(v), v)
	case keyspace.Pairs:
		if revision == 3 {
			return appendTexts(dst, '%', len(v)/2, v)
		}
		return appendTexts(dst, '*', len(v), v)
	case keyspace.Scores:
		return appendScores(dst, v, revision)
	case keyspace.Scan:
		dst = appendBulk(append(dst, "*2\r\n"...), strconv.FormatUint(v.Cursor, 10))
		return appendReply(dst, scanned(v.Items), revision)
	case []any:
		return appendAll(dst, '*', len(v), v, revision)
	case mapping:
		if revision == 3 {
			return appendAll(dst, '%', len(v)/2, v, revision)
		}
		return appendAll(dst, '*', len(v), v, revision)
	case keyspace.Map:
		return appendReply(dst, mapping(v), revision)
	case keyspace.Elements:
		return appendAll(dst, of(revision, '~'), len(v), v, revision)
	case keyspace.BigNumber:
		if revision == 3 {
			return append(append(append(dst, '('), v...), "\r\n"...)
		}
		return appendBulk(dst, string(v))
	case keyspace.Verbatim:
		if revision == 3 {
			dst = appendInt(dst, '=', int64(len(v.Text)+4))
			return append(append(append(dst, (v.Format + "   ")[:3]+":"...), v.Text...), "\r\n"...)
		}
		return appendBulk(dst, v.Text)
	case push:
		return appendAll(dst, of(revision, '>'), len(v), v, revision)
	}
	panic("resp: a reply of an unknown kind")
}

// textBytes is how many bytes of texts there are in a reply, which can have one text
// many times.
func textBytes(v any) (n int) {
	switch v := v.(type) {
	case string:
		return len(v)
	case []string:
		for _, text := range v {
			n += len(text)
		}
	case keyspace.Set:
		return textBytes([]string(v))
	case keyspace.Pairs:
		return textBytes([]string(v))
	case keyspace.Scores:
		for _, z := range v {
			n += len(z.Member)
		}
	case []any:
		for _, v := range v {
			n += textBytes(v)
		}
	case mapping:
		return textBytes([]any(v))
	case keyspace.Map:
		return textBytes([]any(v))
	case keyspace.Elements:
		return textBytes([]any(v))
	}
	return n
}

// of is the kind of a list that only revision 3 tells from others.
func of(revision int, kind byte) byte {
	if revision == 3 {
		return kind
	}
	return '*'
}

func appendAll(dst []byte, kind byte, n int, list []any, revision int) []byte {
	dst = appendInt(dst, kind, int64(n))
	for _, v := range list {
		dst = appendReply(dst, v, revision)
	}
	return dst
}

func appendTexts(dst []byte, kind byte, n int, texts []string) []byte {
	dst = appendInt(dst, kind, int64(n))
	for _, text := range texts {
		dst = appendBulk(dst, text)
	}
	return dst
}

func appendScores(dst []byte, scores keyspace.Scores, revision int) []byte {
	if revision == 3 {
		dst = appendInt(dst, '*', int64(len(scores)))
		for _, z := range scores {
			dst = appendBulk(append(dst, "*2\r\n"...), z.Member)
			dst = appendReply(dst, z.Score, revision)
		}
		return dst
	}
	dst = appendInt(dst, '*', int64(2*len(scores)))
	for _, z := range scores {
		dst = appendBulk(appendBulk(dst, z.Member), keyspace.FormatFloat(z.Score))
	}
	return dst
}

// scanned is what a scan found as a list of texts in either revision.
func scanned(items any) any {
	switch items := items.(type) {
	case keyspace.Pairs:
		return []string(items)
	case keyspace.Scores:
		texts := make([]string, 0, 2*len(items))
		for _, z := range items {
			texts = append(texts, z.Member, keyspace.FormatFloat(z.Score))
		}
		return texts
	}
	return items
}

func appendBulk(dst []byte, text string) []byte {
	dst = appendInt(dst, '$', int64(len(text)))
	return append(append(dst, text...), "\r\n"...)
}

func appendInt(dst []byte, kind byte, n int64) []byte {
	return append(strconv.AppendInt(append(dst, kind), n, 10), "\r\n"...)
}

func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return append(dst, keyspace.FormatFloat(f)...)
}

// shaped is the reply of a command where its kind alone does not say how it looks.
func shaped(cmd *keyspace.Command, argv []string, v any, revision int) any {
	switch v := v.(type) {
	case nil:
		switch cmd.Name {
		case "LPOP", "RPOP":
			if len(argv) == 3 {
				return nullArray{}
			}
		case "LMPOP", "ZMPOP", "BLPOP", "BRPOP", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "XRANGE", "XREVRANGE", "XREAD", "XREADGROUP":
			return nullArray{}
		}
	case string:
		if cmd.Name == "MEMORY" { // DOCTOR
			return verbatim(v)
		}
	case []string:
		if cmd.Name == "HRANDFIELD" && len(argv) == 4 && revision == 3 {
			pairs := make([]any, 0, len(v)/2)
			for i := 0; i+1 < len(v); i += 2 {
				pairs = append(pairs, v[i:i+2])
			}
			return pairs
		}
	case []any:
		switch cmd.Name {
		case "LCS":
			return mapping(v)
		case "GEOPOS", "GEOSEARCH", "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO":
			return places(v)
		case "XREAD", "XREADGROUP":
			return streamsRead(v, revision)
		case "XPENDING":
			if len(argv) == 3 && v[3] == nil {
				v[3] = nullArray{}
			}
		case "XINFO":
			return streamInfo(argv, v)
		case "FUNCTION":
			return functionInfo(argv, v)
		}
	}
	return v
}
