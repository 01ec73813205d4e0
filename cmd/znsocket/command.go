package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/redisbackend"
)

// shutdownTimeout is how long clients have to take their last answers.
const shutdownTimeout = 2 * time.Second

// settings are what the flags say.
type settings struct {
	host       string
	port       int
	maxMessage int
	storage    string
	data       string
	sync       string
	logLevel   string
	engineIO3  bool
	inspect    bool
	redisPort  int
	origins    []string
	token      string
}

func newCommand() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "znsocket",
		Short: "A Redis-compatible store in memory for Python, JavaScript and Go",
		Long: `znsocket keeps data in memory and shares it, live, with programs in Python,
JavaScript and Go. Python and JavaScript use their ZnSocket clients unchanged:

  pip install znsocket
  python -c "from znsocket import Client; print(Client.from_url('znsocket://127.0.0.1:5000').set('name', 'Fabian'))"

Go programs import github.com/znsocket/znsocket and use znsocket.Dial.

Ctrl-C ends the server, and the data with it unless it is kept: with --data a
directory keeps it, and with --storage redis://host:6379/0 a Redis or Valkey does,
where several servers over the same one act as one.`,
		Example: `  znsocket                                     serve this machine on port 5000
  znsocket --host 0.0.0.0 --port 8080          serve the network too: everyone on it may read and write
  znsocket --allow-origin https://example.com  let pages of that site connect
  znsocket --data /var/lib/znsocket            keep the data in a directory
  znsocket --storage redis://localhost:6379/0  keep the data in a Redis`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unexpected argument %q (znsocket --help says what there is)", args[0])
			}
			return nil
		},
		Version:       znsocket.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), s, cmd.ErrOrStderr())
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w (znsocket --help says what there is)", err)
	})
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&s.host, "host", "127.0.0.1", "address to listen on; 0.0.0.0 is every network of this machine")
	f.IntVar(&s.port, "port", 5000, "port to listen on; 0 takes a free one")
	f.IntVar(&s.maxMessage, "max-http-buffer-size", 5<<20, "largest message from a client, in bytes; clients send larger ones in pieces")
	f.StringVar(&s.storage, "storage", "memory", "where the data is kept: memory, or the URL of a Redis or Valkey: redis://, rediss:// (TLS) or unix://, also of sentinels and clusters")
	f.StringVar(&s.data, "data", "", "keep the data in this directory too: all that was acknowledged is there when the server starts again, however it ended")
	f.StringVar(&s.sync, "sync", "", "with --data, when a change is made safe from a loss of power: always (before it is acknowledged), everysec or no")
	f.Lookup("sync").DefValue = "everysec"
	f.StringVar(&s.logLevel, "log-level", "info", "how much to log: debug, info, warn or error")
	f.StringArrayVar(&s.origins, "allow-origin", nil, "let web pages of this origin connect, such as https://example.com; * is every page; may be repeated (default: only pages from this server's own address)")
	f.BoolVar(&s.engineIO3, "engineio3", false, "let in clients of Socket.IO 1 and 2 too, which speak Engine.IO 3")
	f.BoolVar(&s.inspect, "inspect", false, "serve a page that shows the data and the clients in a browser, at /inspect/")
	f.IntVar(&s.redisPort, "redis-port", -1, "serve the Redis protocol on this port too, for any Redis client; 0 takes a free one")
	f.Lookup("redis-port").DefValue = "none"
	f.StringVar(&s.token, "auth-token", "", "let only clients in that send this token, which is the password of the Redis protocol; the variable "+tokenVariable+" sets it out of sight of other users")
	cmd.InitDefaultHelpFlag()
	f.Lookup("help").Usage = "print this help"
	cmd.InitDefaultVersionFlag()
	f.Lookup("version").Usage = "print the version"
	cmd.CompletionOptions.DisableDefaultCmd = true
	return cmd
}

// tokenVariable is for --auth-token, as flags can be read by every user.
const tokenVariable = "ZNSOCKET_AUTH_TOKEN"

// serve serves until ctx ends.
func serve(ctx context.Context, s settings, stderr io.Writer) (failed error) {
	level, err := parseLevel(s.logLevel)
	policy, known := syncPolicies[s.sync]
	switch {
	case err != nil:
		return err
	case s.storage != "memory" && !strings.Contains(s.storage, "://"):
		return fmt.Errorf("--storage %s: it must be memory or a URL such as redis://localhost:6379/0", s.storage)
	case s.port < 0 || s.port > 65535:
		return fmt.Errorf("--port %d: it must be between 0 and 65535", s.port)
	case s.redisPort < -1 || s.redisPort > 65535:
		return fmt.Errorf("--redis-port %d: it must be between 0 and 65535", s.redisPort)
	case s.redisPort >= 0 && s.storage != "memory":
		return errors.New("--redis-port: the data is in a Redis already, Redis clients connect to that")
	case s.data != "" && s.storage != "memory":
		return errors.New("--data: the data is in a Redis already, which keeps it as it is set up to")
	case s.data == "" && s.sync != "":
		return errors.New("--sync: the data is not kept in a directory (--data)")
	case !known:
		return fmt.Errorf("--sync %s: it must be always, everysec or no", s.sync)
	case s.maxMessage < 1024:
		return fmt.Errorf("--max-http-buffer-size %d: it must be 1024 bytes or more", s.maxMessage)
	}
	out := newLogWriter(stderr)
	defer out.Close()
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))

	l, err := net.Listen("tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return fmt.Errorf("cannot listen: %w (choose another port with --port)", err)
	}
	defer l.Close() // Serve has done it already, unless there is no storage
	var redisListener net.Listener
	if s.redisPort >= 0 {
		redisListener, err = net.Listen("tcp", net.JoinHostPort(s.host, strconv.Itoa(s.redisPort)))
		if err != nil {
			return fmt.Errorf("cannot listen: %w (choose another port with --redis-port)", err)
		}
		defer redisListener.Close() // likewise
	}
	opts := []znsocket.ServerOption{
		znsocket.WithLogger(log),
		znsocket.WithMaxMessageSize(s.maxMessage),
		znsocket.WithOrigins(s.origins...),
	}
	if s.engineIO3 {
		opts = append(opts, znsocket.WithEngineIO3())
	}
	if s.inspect {
		opts = append(opts, znsocket.WithInspector())
	}
	token := cmp.Or(s.token, os.Getenv(tokenVariable))
	if token != "" {
		opts = append(opts, znsocket.WithAuth(znsocket.RequireToken(token, nil)))
	}
	if s.storage != "memory" {
		redis.SetLogger(redisLog{log})
		storage, err := redisbackend.Open(ctx, s.storage, redisbackend.WithNode(znsocket.WithNodeLogger(log)))
		if err != nil {
			return fmt.Errorf("--storage: %w", err)
		}
		defer storage.Close()
		opts = append(opts, znsocket.WithStore(storage))
	}
	if s.data != "" {
		store, err := znsocket.OpenStore(s.data, znsocket.WithSync(policy), znsocket.WithStoreLogger(log))
		if err != nil {
			return fmt.Errorf("--data: %w", err)
		}
		defer func() {
			if err := store.Close(); err != nil && failed == nil {
				failed = fmt.Errorf("--data: %w", err)
			}
		}()
		opts = append(opts, znsocket.WithStore(store))
	}
	srv := znsocket.NewServer(opts...)
	log.Info("znsocket is ready: clients connect to znsocket://"+l.Addr().String(), "version", znsocket.Version)
	if s.inspect {
		log.Info("the inspector is at http://" + l.Addr().String() + "/inspect/")
	}
	if redisListener != nil {
		log.Info("Redis clients connect to redis://" + redisListener.Addr().String())
		defer serveRESP(srv.Store(), redisListener, token)()
	}

	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("shutting down")
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// syncPolicies are the words for --sync, which are Redis's.
var syncPolicies = map[string]znsocket.SyncPolicy{
	"": znsocket.SyncEverySecond, "always": znsocket.SyncAlways, "everysec": znsocket.SyncEverySecond, "no": znsocket.SyncNever,
}

// serveRESP serves Redis clients until stop is called. Where a token is wanted it is
// their password.
func serveRESP(store *znsocket.Store, l net.Listener, token string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var opts []znsocket.RESPOption
	if token != "" {
		opts = append(opts, znsocket.WithPassword(token))
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = store.ServeRESP(ctx, l, opts...) // it ends with the listener
	}()
	return func() { cancel(); <-served }
}

// redisLog puts what the Redis client says, in lines of its own form, into our log.
// What matters of it comes as an error too.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, v...))
}

// parseLevel also takes the names that Python has for the levels.
func parseLevel(name string) (slog.Level, error) {
	var level slog.Level
	switch name {
	case "WARNING", "warning":
		return slog.LevelWarn, nil
	case "CRITICAL", "critical":
		return slog.LevelError, nil
	}
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return 0, fmt.Errorf("--log-level %s: it must be debug, info, warn or error", name)
	}
	return level, nil
}
