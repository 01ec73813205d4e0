package pycall

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leftOut are the public names of redis-py's Redis class that no event has, by
// the reason why.
var leftOut = map[string]string{
	"what they return cannot travel, or they send no single command": `
		bf bitfield cf client close cms digest_local from_pool from_url ft get_cache get_connection_kwargs get_encoder
		get_retry himport_registry json keyspace_notifications load_external_module lock parse_response pipeline pubsub
		register_script set_response_callback set_retry tdigest topk transaction ts vset`,

	"they change the connection to Redis, which all clients share": `
		auth client_no_evict client_no_touch client_reply client_setinfo client_setname client_tracking client_tracking_off
		client_tracking_on monitor psync quit readonly readwrite reset select sync unwatch watch`,

	"redis-py itself refuses them, and for sentinel only warns": `
		command_docs command_info debug_segfault failover hello latency_doctor latency_graph latency_histogram memory_doctor
		memory_help script_debug sentinel`,

	"only a Sentinel answers them": `
		sentinel_ckquorum sentinel_failover sentinel_flushconfig sentinel_get_master_addr_by_name sentinel_master
		sentinel_masters sentinel_monitor sentinel_remove sentinel_reset sentinel_sentinels sentinel_set sentinel_slaves`,

	"a Redis 7.0 does not know STRALGO any more": "stralgo",

	"they are for servers newer than Redis 7.0, of which newer.go has only what is much used": `
		arcount ardel ardelrange arget argetrange argrep arinfo arinsert arlastitems arlen armget armset arnext arop arring
		arscan arseek arset blmovem himport_discard himport_discard_all himport_discard_all_internal himport_discard_internal
		himport_prepare himport_prepare_internal himport_set hotkeys_get hotkeys_reset hotkeys_start hotkeys_stop hsetex increx
		lmovem msetex sunioncard xcfgset xnack`,
}

// TestTables_haveEveryMethod finds each public name of the Redis class either in
// a table or among those that are left out.
func TestTables_haveEveryMethod(t *testing.T) {
	text, err := os.ReadFile(redispy + "signatures.json")
	require.NoError(t, err)
	var record recorded
	require.NoError(t, json.Unmarshal(text, &record))

	var missing []string
	for reason, names := range leftOut {
		for _, name := range strings.Fields(names) {
			_, known := Find(name)
			assert.False(t, known, "%s is left out: %s", name, reason)
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	require.Equal(t, slices.Compact(slices.Clone(missing)), missing, "there twice")
	for _, name := range record.Names {
		_, known := Find(name)
		assert.True(t, known || slices.Contains(missing, name), "%s is neither in a table nor left out", name)
	}
	for _, name := range slices.Concat(missing, slices.Collect(maps.Keys(methods))) {
		assert.Contains(t, record.Names, name, "redis-py has no such method")
	}
}
