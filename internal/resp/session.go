package resp

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// session is one connection as its commands see it. It knows nothing of how
// bytes come and go: whoever carries it puts them into the parser, has process
// run what is there, and takes the replies from out.
//
// It belongs to the goroutine that carries it, but for what has a lock.
type session struct {
	srv    *Server
	parser *parser
	ctx    context.Context // ends with the connection, or before it where it is cut off
	cancel func()
	hangUp func() // has the carrier end the connection

	id            int64
	begun         time.Time
	remote, local string
	commands      atomic.Int64

	db       int
	password string
	known    bool // it has logged in, or need not
	over     bool // it ends when the replies are gone
	silent   bool // CLIENT REPLY OFF
	skip     int  // replies that CLIENT REPLY SKIP leaves out
	multi    *transaction
	watch    *keyspace.Watch
	run      RunFunc // while a transaction is run: runs its commands
	waits    *waiting
	tracking *tracking // nil where it tracks no keys
	weight   int64     // as weigh has counted it
	failed   bool      // the command that runs has said an error
	caching  bool      // CLIENT CACHING: it is about the command that is next

	// clock is the Server's uptime when the command that runs began, which is when the
	// one before it ended, if there was one at hand.
	clock time.Duration

	mu                sync.Mutex // guards what follows
	revision          int        // written by its own goroutine alone
	user              *user      // written by its own goroutine alone
	now               lately     // likewise
	monitors, noEvict bool       // MONITOR, CLIENT NO-EVICT
	out               []byte     // replies and messages that have not left
	held              bool       // they may not: see hold
	owes              bool       // something was changed that may not be kept yet
	wake              func()     // called when a message has come to out; nil before the first subscription
	subs              subscriptions
	name              string
	lib               [2]string // name and version of the client's library
}

// kick cuts the connection off: what it waits for is over, and no command is run any
// more. Anybody may call it.
func (s *session) kick() {
	s.cancel()
	s.hangUp()
}

// process runs the commands that are there as a whole, as far as one that waits.
// It returns early when much waits to leave, and with an error where the client
// sent no commands.
func (s *session) process() (more bool, err error) {
	s.clock = s.srv.uptime()
	var keys [keyspace.WarmMost]string
	for warm := 0; !s.over && s.waits == nil && s.ctx.Err() == nil; warm-- {
		if warm <= 0 {
			if warm = s.parser.ahead(keys[:]); warm >= warmLeast {
				s.srv.backend.Space().Warm(s.db, keys[:warm])
			}
		}
		argv, err := s.parser.next()
		if argv == nil && err == nil {
			err = s.weigh()
		}
		switch {
		case err != nil:
			s.say(err)
			s.over = true
			return false, err
		case argv == nil:
			return false, nil
		case len(argv) == 0:
			continue
		}
		if mayChange := s.srv.keeper != nil && mayChange(argv); mayChange {
			s.hold()
			s.handle(argv)
			s.release()
		} else {
			s.handle(argv)
		}
		if s.waiting() > outEnough {
			return true, nil
		}
	}
	return false, nil
}

// warmLeast is for how many commands it is worth while to look where their keys lie.
const warmLeast = 3

// outEnough is how much waits to leave before it does.
const outEnough = 64 << 10

func (s *session) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held {
		return 0
	}
	return len(s.out)
}

// call is a command with its words. It is of the table, or one of a connection.
type call struct {
	cmd  *keyspace.Command
	own  *ownCommand
	run  ownRun // of own
	argv []string
}

// resolve finds what the words call. Some of it is known where they are wrong, too.
func resolve(argv []string) (c call, err error) {
	c.argv = argv
	if c.cmd, err = keyspace.Find(argv); err == nil {
		return c, c.cmd.CheckArity(len(argv))
	}
	if c.own = findOwn(argv[0]); c.own == nil {
		return c, err
	}
	c.run, err = c.own.resolve(argv)
	return c, err
}

// handle runs one command and says its reply.
func (s *session) handle(argv []string) {
	s.commands.Add(1)
	c, err := resolve(argv)
	of := s.srv.stats.find(c)
	if of != nil {
		s.note(of)
	}
	if err == nil {
		err = s.admit(c)
	}
	if err != nil && of != nil {
		of.rejected.Add(1)
	}
	if err == nil && !s.srv.pause.wait(s.ctx, c.mayWrite()) {
		return
	}
	switch {
	case err != nil && s.multi != nil && c.own != nil && c.own.name == "EXEC":
		s.multi = nil
		s.unwatch()
		s.say(errExecDenied(err))
	case err != nil:
		s.fail(err)
	case s.multi != nil && (c.own == nil || !c.own.now):
		s.multi.queue(c)
		s.say(keyspace.Status("QUEUED"))
	default:
		s.answer(c)
	}
	if s.multi == nil && (c.own == nil || c.own.name != "CLIENT") {
		s.caching = false
	}
}

// mayWrite reports whether a call may change something.
func (c call) mayWrite() bool {
	if c.cmd == nil {
		return c.own.name == "EXEC"
	}
	return c.cmd.Flags&(keyspace.Write|keyspace.Messages) != 0
}

// admit says whether the command may be run in the state the connection is in.
func (s *session) admit(c call) error {
	switch {
	case !s.known && (c.own == nil || !c.own.strangers):
		return errNoAuth
	case s.revision == 2 && s.listens() && (c.own == nil || !c.own.listening) && (c.cmd == nil || c.cmd.Name != "PING"):
		return errListening(fullName(c.argv))
	}
	if d := s.allowed(c.argv, s.context()); d != nil {
		return d
	}
	return nil
}

// context is where a command is called, as ACL LOG says it.
func (s *session) context() string {
	if s.multi != nil || s.run != nil {
		return "multi"
	}
	return "toplevel"
}

// fail says an error, which spoils a transaction that is being put together.
func (s *session) fail(err error) {
	if s.multi != nil {
		s.multi.spoiled = true
	}
	s.say(err)
}

func (s *session) answer(c call) {
	of, begun := s.now.command, s.clock
	if s.run != nil {
		of = s.srv.stats.find(c)
	}
	s.failed = false
	defer func() {
		s.clock = s.srv.uptime()
		of.ran(s.clock-begun, s.failed)
		s.feedMonitors(of, c.argv)
	}()
	if c.own != nil {
		if s.run == nil { // in a transaction they are
			c.argv = kept(c.argv)
		}
		if v := c.run(s, c.argv); v != noReply {
			s.say(v)
		}
		return
	}
	if c.cmd.Name == "PING" && s.revision == 2 && s.listens() {
		s.say([]string{"pong", strings.Join(c.argv[1:], "")})
		return
	}
	if c.cmd.Flags&keyspace.Blocking != 0 && s.run == nil {
		s.wait(c.cmd, kept(c.argv))
		return
	}
	if s.runsAlone(c.cmd) {
		c.argv = kept(c.argv)
		s.alone(nil, func(RunFunc) { s.data(c.cmd, c.argv) })
		return
	}
	s.data(c.cmd, c.argv)
}

// data runs a command of the table and says its reply.
func (s *session) data(cmd *keyspace.Command, argv []string) {
	if cmd.MayChange() && s.run == nil {
		argv = kept(argv)
	}
	v, err := s.dataIn(s.db, cmd, argv)
	s.remember(cmd, argv)
	s.sayData(cmd, argv, v, err)
}

func (s *session) sayData(cmd *keyspace.Command, argv []string, v any, err error) {
	if err != nil {
		s.say(err)
		return
	}
	s.say(shaped(cmd, argv, v, s.revision))
}

func (s *session) dataIn(db int, cmd *keyspace.Command, argv []string) (any, error) {
	if s.run != nil {
		return s.run(db, cmd, argv)
	}
	return s.srv.backend.Run(s.ctx, db, cmd, argv)
}

// kept are words that stay when the parser's are gone.
func kept(argv []string) []string {
	own := make([]string, len(argv))
	for i, word := range argv {
		own[i] = strings.Clone(word)
	}
	return own
}

// say appends a reply.
func (s *session) say(v any) {
	if err, ok := v.(error); ok {
		s.failed = true
		s.srv.stats.failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, always := v.(push) // of SUBSCRIBE and its like
	quiet := (s.silent || s.skip > 0) && !always
	s.skip = max(s.skip-1, 0)
	if quiet {
		return
	}
	if n := len(s.out) + textBytes(v); n > s.srv.maxReplies {
		v = errTooLong(n, s.srv.maxReplies)
	}
	s.out = appendReply(s.out, v, s.revision)
}

// begin begins a list of n replies that are said one by one.
func (s *session) begin(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.silent {
		s.out = appendInt(s.out, '*', int64(n))
	}
}

// take returns what waits to leave, in the place of which spare is filled. After an
// error the connection is to end with it.
func (s *session) take(spare []byte) ([]byte, error) {
	s.mu.Lock()
	if s.held {
		s.mu.Unlock()
		return spare[:0], nil
	}
	out, owes := s.out, s.owes
	s.out, s.owes = spare[:0], false
	s.mu.Unlock()
	return s.settled(out, owes)
}

// reset makes the connection as it was in the beginning, but for whether it must
// log in.
func (s *session) reset() {
	s.multi = nil
	if s.watch != nil {
		s.watch.Clear()
	}
	s.db, s.silent, s.skip = 0, false, 0
	s.srv.pubsub.leave(s)
	s.srv.tracker.track(s, nil)
	s.endMonitor()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision, s.name, s.noEvict = 2, "", false
	s.user = s.srv.acl.user(defaultUser)
}
