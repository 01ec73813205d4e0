package pycall

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// recorded is testdata/redispy/signatures.json.
type recorded struct {
	Methods map[string]struct{ Sends, Signature string }
	Names   []string
}

func TestSignatures_areRedispys(t *testing.T) {
	text, err := os.ReadFile(redispy + "signatures.json")
	require.NoError(t, err)
	require.Equal(t, string(python(t, nil, "record.py")), string(text),
		"the redis-py of .venv is another one: run testdata/redispy/record.py")
	var record recorded
	require.NoError(t, json.Unmarshal(text, &record))

	commands := map[string]bool{}
	keyspace.Commands(func(c *keyspace.Command) { commands[c.Name] = true })
	signatures := map[string]string{}
	for _, table := range tables {
		for _, l := range table {
			require.NotContains(t, signatures, l.name)
			signatures[l.name] = l.signature
			assert.Equal(t, record.Methods[l.name].Signature, l.signature, l.name)
			if l.name != "cluster" { // of which any subcommand is sent
				assert.Equal(t, record.Methods[l.name].Sends, methods[l.name].command, l.name)
			}
		}
	}
	for name, m := range record.Methods {
		if commands[m.Sends] {
			assert.Contains(t, signatures, name, "it sends %s", m.Sends)
		}
	}
}

func TestFind_nothingElse(t *testing.T) {
	for _, name := range []string{
		"", "GET", "Get", "nosuch", "__class__", "__init__", "__setattr__", "__getattribute__", "pipeline", "transaction", "close", "connection_pool",
		"parse_response", "set_response_callback", "from_url", "lock", "pubsub", "monitor", "select", "auth", "reset", "quit", "get\x00",
	} {
		_, ok := Find(name)
		require.False(t, ok, name)
	}
}
