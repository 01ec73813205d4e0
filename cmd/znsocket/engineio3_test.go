package main

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The real socket.io-client@2 does what the present one does, beside it, with the
// token that the server wants.
func TestCommand_engineio3(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	const script = "../../testdata/js/oldclient.js"
	require.FileExists(t, script)
	_, url, _ := start(t, "--engineio3", "--auth-token", "s3cret", "--max-http-buffer-size", "1000000")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, script, strings.Replace(url, "znsocket", "http", 1), "s3cret").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, 5, strings.Count(string(out), "ok "), "%s", out)
}

// The Go client of that protocol is a program of another module, so that what it
// needs is nobody's dependency.
func TestCommand_engineio3Googollee(t *testing.T) {
	_, url, _ := start(t, "--engineio3")
	cmd := exec.CommandContext(t.Context(), "go", "run", "-C", "../../bench", "./googollee", strings.Replace(url, "znsocket", "http", 1))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, 2, strings.Count(string(out), "ok "), "%s", out)
}

// Old clients are let in only where that is asked for.
func TestCommand_engineio3Off(t *testing.T) {
	_, url, _ := start(t)
	for query, want := range map[string]string{
		"EIO=3&transport=polling": "Unsupported protocol version",
		"transport=polling":       "Unsupported protocol version",
		"EIO=4&transport=polling": `"sid"`,
	} {
		assert.Contains(t, get(t, url, query), want, query)
	}
	_, url, _ = start(t, "--engineio3")
	for query, want := range map[string]string{
		"EIO=3&transport=polling": `"sid"`,
		"transport=polling":       "Unsupported protocol version",
		"EIO=4&transport=polling": `"sid"`,
	} {
		assert.Contains(t, get(t, url, query), want, query)
	}
}

// get asks the server at url for a connection, and returns what it says.
func get(t *testing.T, url, query string) string {
	t.Helper()
	endpoint := strings.Replace(url, "znsocket", "http", 1) + "/socket.io/?" + query
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}
