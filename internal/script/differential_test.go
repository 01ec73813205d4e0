package script

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestScripts says nowhere what a script answers: it runs those of testdata here
// and in a real redis-server, in both revisions of the protocol, and compares the
// bytes that come back. An empty line flushes.
func TestScripts(t *testing.T) {
	for _, file := range files(t) {
		for _, revision := range []string{"2", "3"} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/RESP"+revision, func(t *testing.T) {
				both := newBoth(t, revision)
				for _, script := range scripts(t, file) {
					if script == "" {
						both.same("FLUSHALL")
						continue
					}
					both.same("EVAL", script, "2", "k1", "k2", "one", "2", "3.5")
				}
			})
		}
	}
}
