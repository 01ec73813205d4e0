package pycall

import (
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// clientMethods speak of the connections of a server. Those that would change
// the one they are sent over are left out: all clients share it.
var clientMethods = []line{
	{"client_getname", "**kwargs", "CLIENT|GETNAME", asIs, nil},
	{"client_getredir", "**kwargs", "CLIENT|GETREDIR", asIs, nil},
	{"client_id", "**kwargs", "CLIENT|ID", asIs, nil},
	{"client_info", "**kwargs", "CLIENT|INFO", clientInfo, nil},
	{"client_kill", "address, **kwargs", "CLIENT|KILL address", killed, nil},
	{"client_kill_filter", "_id=None, _type=None, addr=None, skipme=None, laddr=None, user=None, maxage=None, **kwargs",
		"CLIENT|KILL TYPE=_type SKIPME=skipme ID=%_id ADDR=addr LADDR=laddr USER=user MAXAGE=%maxage", killed, checkKillFilter},
	{"client_list", "_type=None, client_id=[], **kwargs", "CLIENT|LIST TYPE=_type @client_id", clientList, checkClientList},
	{"client_pause", "timeout, all=True, **kwargs", "CLIENT|PAUSE timeout WRITE?all", okay, checkClientPause},
	{"client_trackinginfo", "**kwargs", "CLIENT|TRACKINGINFO", asIs, nil},
	{"client_unblock", "client_id, error=False, **kwargs", "CLIENT|UNBLOCK %client_id ERROR?error", truth, checkClientUnblock},
	{"client_unpause", "**kwargs", "CLIENT|UNPAUSE", asIs, nil},
}

func checkKillFilter(a *args) error {
	if err := a.checkClientType("CLIENT KILL type", "normal", "master", "slave", "replica", "pubsub"); err != nil {
		return err
	}
	switch skipMe := a.get("skipme"); skipMe.Kind {
	case pyjson.Null:
	case pyjson.True:
		a.set("skipme", &pyjson.Value{Kind: pyjson.String, Text: "YES"})
	case pyjson.False:
		a.set("skipme", &pyjson.Value{Kind: pyjson.String, Text: "NO"})
	default:
		return dataError("CLIENT KILL skipme must be a bool")
	}
	for i := range a.m.params {
		if a.vals[i].Kind != pyjson.Null {
			return nil
		}
	}
	return dataError("CLIENT KILL <filter> <value> ... ... <filter> <value> must specify at least one filter")
}

func checkClientList(a *args) error {
	if err := a.checkClientType("CLIENT LIST _type", "normal", "master", "replica", "pubsub"); err != nil {
		return err
	}
	ids := a.get("client_id")
	if ids.Kind != pyjson.Array {
		return dataError("client_id must be a list")
	}
	if len(ids.Items) > 0 {
		a.send("client_id", append([]pyjson.Value{literal("'ID'")}, ids.Items...))
	}
	return nil
}

// checkClientType refuses a type that is none of some.
func (a *args) checkClientType(what string, types ...string) error {
	v := a.get("_type")
	if v.Kind == pyjson.Null {
		return nil
	}
	for _, name := range types {
		if v.Kind == pyjson.String && strings.ToLower(v.Text) == name {
			return nil
		}
	}
	return dataError("%s must be one of ('%s')", what, strings.Join(types, "', '"))
}

func checkClientPause(a *args) error {
	if !isInt(a.get("timeout")) {
		return dataError("CLIENT PAUSE timeout must be an integer")
	}
	a.spellOut("timeout")
	onlyWrites := pyjson.Value{Kind: pyjson.True}
	if a.true("all") {
		onlyWrites = absent
	}
	a.set("all", &onlyWrites)
	return nil
}

func checkClientUnblock(a *args) error {
	id, err := a.m.toInt(a.get("client_id"))
	if err != nil {
		return err
	}
	a.set("client_id", id)
	return nil
}
