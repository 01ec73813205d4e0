package resp

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// acl are the users of a Server, and what was refused to them.
type acl struct {
	mu    sync.Mutex // no other is taken under it
	users map[string]*user
	log   []*refusal // the latest first
}

// user is somebody who can log in. Sessions look at its rights before each command.
type user struct {
	name   string
	rights atomic.Pointer[rights]
}

const defaultUser = "default"

// Limits of what clients can have kept.
const (
	maxUsers     = 10_000
	maxACLLog    = 128     // acllog-max-len
	maxACLObject = 1 << 10 // bytes of what an entry says was refused
	aclLogSame   = 60 * time.Second
)

// refusal is an entry of ACL LOG. Others like it are counted.
type refusal struct {
	reason, context, object, user, client string
	count                                 int64
	at                                    time.Time
}

func newACL() *acl {
	u := &user{name: defaultUser}
	u.rights.Store(defaultRights())
	return &acl{users: map[string]*user{defaultUser: u}}
}

func (a *acl) user(name string) *user {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.users[name]
}

// all returns the users by name.
func (a *acl) all() []*user {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*user
	for _, u := range a.users {
		all = append(all, u)
	}
	slices.SortFunc(all, func(x, y *user) int { return cmp.Compare(x.name, y.name) })
	return all
}

// refused keeps what was refused.
func (a *acl) refused(r refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.count, r.at = 1, time.Now()
	if i := slices.IndexFunc(a.log, func(o *refusal) bool {
		return o.reason == r.reason && o.context == r.context && o.object == r.object && o.user == r.user && r.at.Sub(o.at) <= aclLogSame
	}); i >= 0 {
		r.count += a.log[i].count
		a.log = slices.Delete(a.log, i, i+1)
	}
	a.log = slices.Insert(a.log, 0, &r)
	a.log = a.log[:min(len(a.log), maxACLLog)]
}

// denied is why a user may not run a call: the command, a key or a channel, as the
// words of the call have it.
type denied struct{ reason, object string }

func (d *denied) Error() string {
	switch d.reason {
	case "command":
		return "NOPERM this user has no permissions to run the '" + oneLine(d.object) + "' command"
	case "key":
		return "NOPERM this user has no permissions to access one of the keys used as arguments"
	case "sort":
		return "ERR " + d.object + " option of SORT denied due to insufficient ACL permissions."
	}
	return "NOPERM this user has no permissions to access one of the channels used as arguments"
}

// inScript is what a script is told.
func (d *denied) inScript() error {
	switch d.reason {
	case "sort":
		return keyspace.Error(d.Error())
	case "command":
		return keyspace.Error("ERR The user executing the script can't run this command or subcommand")
	case "key":
		return keyspace.Error("ERR The user executing the script can't access at least one of the keys mentioned in the command arguments")
	}
	return keyspace.Error("ERR The user executing the script can't publish to the channel mentioned in the command")
}

// inExec is what a command is told that was allowed when it was queued.
func (d *denied) inExec() error {
	reason := "no permission to access one of the channels used as arguments to the command"
	switch d.reason {
	case "command":
		reason = "no permission to execute the command or subcommand"
	case "key":
		reason = "no permission to touch the specified keys"
	}
	return keyspace.Error("NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: " + reason)
}

// inWords is what ACL DRYRUN says.
func (d *denied) inWords() string {
	if d.reason == "command" {
		return "This user has no permissions to run the '" + d.object + "' command"
	}
	return "This user has no permissions to access the '" + d.object + "' " + d.reason
}

// check returns why a call whose words fit is not allowed, nil where it is.
func (r *rights) check(argv []string) *denied {
	if r.full || noAuth[strings.ToUpper(argv[0])] {
		return nil
	}
	name := fullName(argv)
	if !r.commands.allow(name, argv) {
		return &denied{"command", strings.Clone(name)}
	}
	if c, ok := rediscommands.Find(argv); ok {
		keys, _ := c.KeysAndAccess(argv) // where they cannot be told the command fails
		for _, key := range keys {
			if !r.allowsKey(key) {
				return &denied{"key", key.Name}
			}
		}
	} else if cmd, err := keyspace.Find(argv); err == nil { // of ours
		for _, key := range cmd.KeysOf(argv) {
			if !r.allowsKey(rediscommands.Key{Name: key, Access: "RW access update"}) {
				return &denied{"key", key}
			}
		}
	}
	if option := sortOption(name, argv); option != "" && !r.allKeys(true, false) {
		return &denied{"sort", option}
	}
	for _, channel := range channelsOf(name, argv) {
		if !r.allowsChannel(channel, name == "psubscribe") {
			return &denied{"channel", channel}
		}
	}
	return nil
}

// noAuth are the commands that every client may run.
var noAuth = map[string]bool{"AUTH": true, "HELLO": true, "QUIT": true, "RESET": true}

// fullName is the name of a call with its subcommand: config|get.
func fullName(argv []string) string {
	name := strings.ToLower(argv[0])
	if len(argv) > 1 {
		if d := rediscommands.Describe(name + "|" + argv[1]); d != nil {
			return d.Name
		}
	}
	return name
}

// sortOption is an option of SORT that reads keys which the call does not name.
func sortOption(name string, argv []string) string {
	if name != "sort" && name != "sort_ro" {
		return ""
	}
	for i := 2; i+1 < len(argv); i++ {
		switch option := strings.ToUpper(argv[i]); option {
		case "LIMIT":
			i += 2
		case "STORE":
			i++
		case "BY", "GET":
			if i++; strings.Contains(argv[i], "*") {
				return option
			}
		}
	}
	return ""
}

func channelsOf(name string, argv []string) []string {
	switch name {
	case "publish", "spublish":
		return argv[1:2]
	case "subscribe", "psubscribe", "ssubscribe":
		return argv[1:]
	}
	return nil
}

// allowed says whether the session's user may run a call, and keeps it where it may
// not.
func (s *session) allowed(argv []string, context string) *denied {
	d := s.user.rights.Load().check(argv)
	if d != nil && d.reason != "sort" {
		object := strings.Clone(d.object[:min(len(d.object), maxACLObject)])
		s.srv.acl.refused(refusal{reason: d.reason, context: context, object: object, user: s.user.name, client: s.describe()})
	}
	return d
}

// guard is the session's user for scripts, nil where it may do all.
func (s *session) guard() keyspace.Guard {
	if s.user.rights.Load().full {
		return nil
	}
	return func(argv []string, try bool) error {
		if try {
			if d := s.user.rights.Load().check(argv); d != nil {
				return d
			}
		} else if d := s.allowed(argv, "lua"); d != nil {
			return d.inScript()
		}
		return nil
	}
}

// setUser gives a user rules, and makes it where there is none.
func (srv *Server) setUser(name string, rules []string) error {
	a := srv.acl
	a.mu.Lock()
	u, old := a.users[name], newRights()
	if u != nil {
		old = u.rights.Load()
	}
	next, err := old.with(rules)
	switch {
	case err != nil:
	case u != nil:
		u.rights.Store(next)
	case len(a.users) >= maxUsers:
		err = keyspace.Error("ERR there are too many users")
	default:
		u = &user{name: name}
		u.rights.Store(next)
		a.users[u.name] = u
	}
	a.mu.Unlock()
	if err != nil {
		return err
	}
	for _, s := range srv.all() { // whoever hears more than it now may
		if s.userNow() == u && !s.mayHear(next) {
			s.kick()
		}
	}
	return nil
}

// userNow is the user for others than the session's own goroutine.
func (s *session) userNow() *user {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.user
}

func (s *session) mayHear(r *rights) bool {
	for k := range kinds {
		for _, name := range s.subscribed(k) {
			if !r.allowsChannel(name, k == patterns) {
				return false
			}
		}
	}
	return true
}

// deleteUser forgets a user and ends its connections.
func (srv *Server) deleteUser(by *session, name string) (was bool) {
	a := srv.acl
	a.mu.Lock()
	u := a.users[name]
	delete(a.users, name)
	a.mu.Unlock()
	if u == nil {
		return false
	}
	for _, s := range srv.all() {
		switch {
		case s.userNow() != u:
		case s == by:
			s.over = true
		default:
			s.kick()
		}
	}
	return true
}

// genPass is a password of so many bits, in hexadecimal.
func genPass(bits int64) string {
	data := make([]byte, (bits+7)/8)
	_, _ = rand.Read(data) // which never fails
	return hex.EncodeToString(data)[:(bits+3)/4]
}
