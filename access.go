package znsocket

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// Access says whether a client may run a command, its name in capitals, on these
// keys: nil allows it, an error refuses it with its text as ErrDenied. A nil
// Access allows everything.
//
// It is also asked about what clients do beside commands, as if these were some:
//
//	ADAPTER.READ key method   ask the owner of an adapter; for one that lies inside
//	                          another that one is among the keys too
//	ADAPTER.OWN key           be the owner of one
//	REFRESH.SEND key          tell others that a key changed
//	REFRESH.HEAR key          be told; for each refresh, so it must be quick
//	SERVER.INSPECT            see who is connected, and what the server does: see
//	                          WithInspector
//
// Some commands reach keys that they do not name: scripts (EVAL, EVAL_RO and their
// like), and SORT with BY or GET. A rule about keys should refuse those.
type Access func(cmd Cmd, keys []string) error

// What clients do beside commands.
const (
	adapterRead = "ADAPTER.READ"
	adapterOwn  = "ADAPTER.OWN"
	refreshSend = "REFRESH.SEND"
	refreshHear = "REFRESH.HEAR"

	serverInspect = "SERVER.INSPECT"
)

// ViewOnly is an Access for clients that may read everything and change nothing.
func ViewOnly(cmd Cmd, _ []string) error {
	if cmd.Writes() {
		return errViewOnly
	}
	return nil
}

// RequireToken is for WithAuth: it lets in clients that know the token, with the
// rights of access. They send it as WithToken does, {"token": …} in the auth
// payload of the handshake, or as "Authorization: Bearer …" in a header.
func RequireToken(token string, access Access) func(ctx context.Context, r *http.Request, auth json.RawMessage) (Access, error) {
	want := sha256.Sum256([]byte(token)) // of the same length whatever is sent
	return func(_ context.Context, r *http.Request, auth json.RawMessage) (Access, error) {
		var sent struct {
			Token string `json:"token"`
		}
		_ = json.Unmarshal(auth, &sent) // what is no such object has no token
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && sent.Token == "" {
			sent.Token = bearer
		}
		got := sha256.Sum256([]byte(sent.Token))
		if token == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return nil, errors.New("this server wants a token, and this is not it")
		}
		return access, nil
	}
}

var errViewOnly = &Error{KindPermission, "You may read but not change anything here"}

// Writes reports whether the command may change something: data, who owns an
// adapter, or what others hold to be true. Of a command that is not known it
// does.
func (cmd Cmd) Writes() bool {
	if len(cmd) == 0 {
		return false
	}
	name, _ := word(cmd[0])
	switch name = strings.ToUpper(name); name {
	case adapterRead, refreshHear, serverInspect:
		return false
	case adapterOwn, refreshSend:
		return true
	}
	words := []string{name}
	if len(cmd) > 1 {
		sub, _ := word(cmd[1])
		words = append(words, sub)
	}
	found, ok := rediscommands.Find(words)
	// Of commands that share their first word Redis's table knows each.
	if ours, err := keyspace.Find(words); err == nil && !(ok && strings.Contains(found.Name, " ")) {
		return ours.Flags&(keyspace.Write|keyspace.Messages) != 0
	}
	switch {
	case !ok:
		return true
	case found.Flags&rediscommands.Read != 0:
		return found.Flags&^(rediscommands.Read|rediscommands.Blocking) != 0
	}
	return !harmless[found.Name]
}

// harmless are the commands without keys that change nothing at all.
var harmless = named("PING ECHO TIME INFO DBSIZE LASTSAVE ROLE WAIT COMMAND LOLWUT OBJECT XINFO")

// allowed asks the client's access rule about a command. One that a Store does
// not know is left to it, which refuses it.
func (s *session) allowed(argv []string) error {
	if len(argv) == 0 {
		return nil
	}
	if s.srv.Store() == nil && rediscommands.ChangesConnection(argv) {
		return &Error{KindResponse, fmt.Sprintf("ERR %s concerns a connection to Redis, which all clients share", strings.ToUpper(argv[0]))}
	}
	if s.access == nil {
		return nil
	}
	words := boxed(argv)
	if cmd, err := keyspace.Find(argv); err == nil {
		words[0] = cmd.Name
		return denied(s.access(words, cmd.KeysOf(argv)))
	}
	if s.srv.Store() != nil {
		return nil
	}
	cmd, ok := rediscommands.Find(argv)
	if !ok {
		return &Error{KindPermission, fmt.Sprintf("nobody knows what %.64s does, so your access rule cannot allow it", argv[0])}
	}
	keys, err := cmd.Keys(argv)
	if err != nil {
		return &Error{KindResponse, "ERR " + err.Error()}
	}
	words[0] = strings.ToUpper(argv[0])
	return denied(s.access(words, keys))
}

// allowedObject is allowed for the command of an object, which may read an adapter.
func (s *session) allowedObject(argv []string) error {
	if err := s.allowed(argv); err != nil || s.access == nil {
		return err
	}
	if key := objectKey(argv); s.srv.backing.meeting().owner(key) != nil {
		return s.allowedTo(adapterRead, key, argv[0])
	}
	return nil
}

// allowedTo asks about what is no command.
func (s *session) allowedTo(what, key string, more ...any) error {
	if s.access == nil {
		return nil
	}
	// What lies inside an adapter is a part of that.
	keys := []string{key}
	if root := s.srv.backing.meeting().root(key); root != "" && root != key {
		keys = append(keys, root)
	}
	return denied(s.access(append(Cmd{what, key}, more...), keys))
}

// denied is the refusal of an access rule as the client gets it.
func denied(err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := err.(*Error); ok && refused.Kind == KindPermission {
		return refused
	}
	return &Error{KindPermission, err.Error()}
}
