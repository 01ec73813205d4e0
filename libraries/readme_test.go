package libraries

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the README says is run is what is installed.
func TestReadme_namesWhatIsRun(t *testing.T) {
	pinned := map[string]struct{ file, format string }{
		"Go":     {"go.mod", "\t%s v%s\n"},
		"Python": {"../testdata/requirements.txt", "\n%s==%s\n"},
		"Node":   {"node/package.json", "\n    %q: %q"},
	}
	readme := read(t, "../README.md")
	_, section, found := strings.Cut(readme, "\n## What runs on it\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| `(.+)` \\| (.+) \\| .+ \\| (.+) \\|$").FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		name, version, language := row[1], row[2], row[3]
		pin, found := pinned[language]
		require.True(t, found, language)
		assert.Contains(t, read(t, pin.file), fmt.Sprintf(pin.format, name, version))
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
