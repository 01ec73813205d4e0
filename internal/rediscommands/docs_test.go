package rediscommands

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// TestDocs_areRedis compares the docs with what a server answers.
func TestDocs_areRedis(t *testing.T) {
	conn, err := net.Dial("unix", peers.Redis(t))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "HELLO 3\r\nCOMMAND\r\nCOMMAND DOCS\r\nQUIT\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	r := reader{string(answer)}
	r.value()
	infos, docs := r.value().([]any), r.value().(Map)
	for _, info := range infos {
		subcommands := elements(info.([]any)[9])
		slices.SortFunc(subcommands, byFirst)
	}
	slices.SortFunc(infos, byFirst)
	var text []byte
	text = appendValue(appendValue(text, infos), sortedDocs(docs))
	if *update {
		var file bytes.Buffer
		z, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
		require.NoError(t, err)
		z.ModTime = time.Time{}
		_, err = z.Write(text)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.NoError(t, os.WriteFile("docs7.resp.gz", file.Bytes(), 0o644))
		docs7 = file.Bytes()
	}
	haveInfos, haveDocs := readDocs(docs7)
	require.Equal(t, infos, haveInfos, "go generate writes them anew")
	require.Equal(t, sortedDocs(docs), haveDocs)
	require.Equal(t, "xinfo|stream", Describe("XINFO|Stream").Name)
	require.Nil(t, Describe("nosuch"))
}

func byFirst(a, b any) int { return strings.Compare(a.([]any)[0].(string), b.([]any)[0].(string)) }

// sortedDocs sorts docs by name, and those of subcommands.
func sortedDocs(docs Map) Map {
	var pairs [][]any
	for pair := range slices.Chunk(docs, 2) {
		about := slices.Clone(pair[1].(Map))
		for i := 0; i < len(about); i += 2 {
			if about[i] == "subcommands" {
				about[i+1] = sortedDocs(about[i+1].(Map))
			}
		}
		pairs = append(pairs, []any{pair[0], about})
	}
	slices.SortFunc(pairs, func(a, b []any) int { return cmp.Compare(a[0].(string), b[0].(string)) })
	return slices.Concat(pairs...)
}

// appendValue writes a value as reader reads it.
func appendValue(dst []byte, v any) []byte {
	all := func(kind string, n int, list []any) []byte {
		dst = append(dst, kind+strconv.Itoa(n)+"\r\n"...)
		for _, v := range list {
			dst = appendValue(dst, v)
		}
		return dst
	}
	switch v := v.(type) {
	case Status:
		return append(dst, "+"+string(v)+"\r\n"...)
	case int64:
		return append(dst, ":"+strconv.FormatInt(v, 10)+"\r\n"...)
	case string:
		return append(dst, "$"+strconv.Itoa(len(v))+"\r\n"+v+"\r\n"...)
	case nil:
		return append(dst, "_\r\n"...)
	case Set:
		return all("~", len(v), v)
	case Map:
		return all("%", len(v)/2, v)
	}
	return all("*", len(v.([]any)), v.([]any))
}
