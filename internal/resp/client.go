package resp

import (
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// This file is what a client says of itself and asks about its connection.

func auth(s *session, argv []string) any {
	user, password := defaultUser, argv[1]
	switch {
	case len(argv) > 3:
		return keyspace.ErrSyntax
	case len(argv) == 3:
		user, password = argv[1], argv[2]
	case s.password == "" && s.srv.acl.user(defaultUser).rights.Load().nopass:
		return errNoPassword
	}
	return s.logIn(user, password)
}

// needsNoPassword reports whether everyone is the user default.
func (s *session) needsNoPassword() bool {
	r := s.srv.acl.user(defaultUser).rights.Load()
	return s.password == "" && r.on && r.nopass
}

// logIn returns OK, or why not. With a password of the listener, it is that of the
// user default.
func (s *session) logIn(name, password string) any {
	u := s.srv.acl.user(name)
	right := u != nil && u.rights.Load().on
	switch {
	case !right:
	case name == defaultUser && s.password != "":
		right = subtle.ConstantTimeCompare([]byte(password), []byte(s.password)) == 1
	default:
		right = u.rights.Load().knows(password)
	}
	if !right {
		s.srv.acl.refused(refusal{reason: "auth", context: s.context(), object: "auth", user: name, client: s.describe()})
		return errWrongPassword
	}
	s.mu.Lock()
	s.user = u
	s.mu.Unlock()
	s.known, s.parser.stranger = true, false
	if s.run != nil { // scripts behind it are this user's
		s.srv.backend.Space().SetGuard(s.guard())
	}
	return keyspace.OK
}

// hello is HELLO: which revision is to be spoken, and who is there.
func hello(s *session, argv []string) any {
	revision := s.revision
	if len(argv) > 1 {
		n, err := keyspace.Args(argv).Int(1)
		if err != nil {
			return errNotVersion
		}
		if n < 2 || n > 3 {
			return errProtocolVersion
		}
		revision = int(n)
	}
	var user, password, name string
	var logsIn, names bool
	for i := 2; i < len(argv); i++ {
		switch a := keyspace.Args(argv); {
		case a.Is(i, "AUTH") && i+2 < len(argv):
			user, password, logsIn = argv[i+1], argv[i+2], true
			i += 2
		case a.Is(i, "SETNAME") && i+1 < len(argv):
			if !isName(argv[i+1]) {
				return errClientName
			}
			name, names = argv[i+1], true
			i++
		default:
			return errHelloOption(argv[i])
		}
	}
	if logsIn {
		if err, ok := s.logIn(user, password).(error); ok {
			return err
		}
	}
	if !s.known {
		return errHelloNoAuth
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if names {
		s.name = name
	}
	s.revision = revision
	return mapping{
		"server", "redis", "version", redisVersion, "proto", int64(revision), "id", s.id,
		"mode", "standalone", "role", "master", "modules", []any{},
	}
}

// redisVersion is the Redis whose replies these are.
const redisVersion = "7.0.15"

// isName reports whether a client may be called so.
func isName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r < '!' || r > '~' })
}

var clientCommands = []subcommand{
	{"CACHING", 3, clientCaching},
	{"GETNAME", 2, clientName},
	{"GETREDIR", 2, clientGetRedir},
	{"HELP", 2, clientHelp},
	{"ID", 2, func(s *session, _ []string) any { return s.id }},
	{"INFO", 2, func(s *session, _ []string) any { return verbatim(s.describe() + "\n") }},
	{"KILL", -3, func(s *session, argv []string) any { return s.kill(argv[2:]) }},
	{"LIST", -2, clientList},
	{"NO-EVICT", 3, clientNoEvict},
	{"NO-TOUCH", 3, onOrOff}, // of a later Redis
	{"PAUSE", -3, clientPause},
	{"REPLY", 3, clientReply},
	{"SETINFO", 4, clientSetInfo}, // of a later Redis: libraries send it to any
	{"SETNAME", 3, clientSetName},
	{"TRACKING", -3, clientTracking},
	{"TRACKINGINFO", 2, clientTrackingInfo},
	{"UNBLOCK", -3, clientUnblock},
	{"UNPAUSE", 2, clientUnpause},
}

func clientName(s *session, _ []string) any {
	if s.name == "" {
		return nil
	}
	return s.name
}

func clientSetName(s *session, argv []string) any {
	if !isName(argv[2]) {
		return errClientName
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.name = argv[2]
	return keyspace.OK
}

func clientNoEvict(s *session, argv []string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err, wrong := onOrOff(s, argv).(error); wrong {
		return err
	}
	s.noEvict = strings.EqualFold(argv[2], "ON")
	return keyspace.OK
}

func onOrOff(_ *session, argv []string) any {
	if a := keyspace.Args(argv); !a.Is(2, "ON") && !a.Is(2, "OFF") {
		return keyspace.ErrSyntax
	}
	return keyspace.OK
}

func clientUnblock(s *session, argv []string) any {
	a := keyspace.Args(argv)
	if len(a) > 4 {
		return errSubcommandSyntax(argv)
	}
	var reason error
	switch {
	case len(a) == 4 && a.Is(3, "ERROR"):
		reason = errUnblocked
	case len(a) == 4 && !a.Is(3, "TIMEOUT"):
		return keyspace.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
	}
	id, err := a.Int(2)
	if err != nil {
		return err
	}
	return s.srv.unblock(id, reason)
}

func clientSetInfo(s *session, argv []string) any {
	attribute, value := argv[2], argv[3]
	at := slices.Index([]string{"LIB-NAME", "LIB-VER"}, strings.ToUpper(attribute))
	switch {
	case at < 0:
		return keyspace.Error("ERR Unrecognized option '" + oneLine(attribute) + "'")
	case !isName(value):
		return keyspace.Error("ERR " + strings.ToLower(attribute) + " cannot contain spaces, newlines or special characters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lib[at] = value
	return keyspace.OK
}

func clientReply(s *session, argv []string) any {
	a := keyspace.Args(argv)
	switch {
	case a.Is(2, "ON"):
		s.silent, s.skip = false, 0
		return keyspace.OK
	case a.Is(2, "OFF"):
		s.silent = true
	case a.Is(2, "SKIP"):
		if !s.silent {
			s.skip = 1
		}
	default:
		return keyspace.ErrSyntax
	}
	return noReply
}
