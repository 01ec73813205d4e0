package peers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// suiteURL is the line of a suite that says where the server is.
const suiteURL = `const URL = "http://localhost:3000";`

// ProtocolSuite runs the official suite of a protocol that is in dir against the
// server at url. All of its cases have to run and to pass, but for those that its
// authors skip.
//
// The full titles in racy are of cases that may fail by chance. If nothing else
// fails, one of them is run again, alone, before it counts as failed.
func ProtocolSuite(t testing.TB, dir, url string, cases int, racy ...string) {
	t.Helper()
	suite := prepareSuite(t, dir, url)
	report := runMocha(t, suite)
	if len(report.Failures) == 1 && slices.Contains(racy, report.Failures[0].FullTitle) {
		title := report.Failures[0].FullTitle
		t.Logf("once more: %s", title)
		again := runMocha(t, suite, "--fgrep", title)
		require.Equal(t, 1, again.Stats.Tests)
		report.Failures = again.Failures
	}
	require.Equal(t, cases, report.Stats.Tests-report.Stats.Pending)
	for _, failure := range report.Failures {
		t.Errorf("%s\n%s", failure.FullTitle, failure.Err.Stack)
	}
}

// prepareSuite copies the suite in from to where it may be changed to speak to url.
func prepareSuite(t testing.TB, from, url string) (dir string) {
	t.Helper()
	from, err := filepath.Abs(from) // a link's target counts from the link
	require.NoError(t, err)
	dir = t.TempDir()
	for _, name := range []string{"package.json", "node-imports.js", "test-suite.js"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		if name == "test-suite.js" {
			require.Contains(t, string(text), suiteURL)
			text = []byte(strings.Replace(string(text), suiteURL, `const URL = "`+url+`";`, 1))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	modules := filepath.Join(from, "node_modules")
	require.DirExists(t, modules, "run `make setup` to install it")
	require.NoError(t, os.Symlink(modules, filepath.Join(dir, "node_modules")))
	return dir
}

// mochaReport is what we need of the report that mocha writes.
type mochaReport struct {
	Stats    struct{ Tests, Pending int }
	Failures []struct {
		FullTitle string
		Err       struct{ Stack string }
	}
}

func runMocha(t testing.TB, dir string, args ...string) mochaReport {
	t.Helper()
	node, err := exec.LookPath("node")
	require.NoError(t, err, "no Node.js to test with: install it")
	const output = "report.json"
	args = append([]string{"node_modules/mocha/bin/mocha", "test-suite.js", "--exit",
		"--reporter", "json", "--reporter-option", "output=" + output}, args...)
	cmd := exec.CommandContext(t.Context(), node, args...)
	cmd.Dir = dir
	printed, failed := cmd.CombinedOutput() // the status is the number of failures

	var report mochaReport
	text, err := os.ReadFile(filepath.Join(dir, output))
	require.NoError(t, err, "mocha made no report: %v\n%s", failed, printed)
	require.NoError(t, json.Unmarshal(text, &report), "%s", text)
	require.NotZero(t, report.Stats.Tests, "mocha ran nothing: %v\n%s", failed, printed)
	return report
}
