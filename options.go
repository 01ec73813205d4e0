package znsocket

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/znsocket/znsocket/internal/engineio"
	"github.com/znsocket/znsocket/internal/inspector"
)

// ServerOption is for NewServer.
type ServerOption interface{ setServer(*serverConfig) }

// ClientOption is for Dial.
type ClientOption interface{ setClient(*clientConfig) }

// CommonOption is for both.
type CommonOption struct {
	serverOption
	clientOption
}

type (
	serverOption func(*serverConfig)
	clientOption func(*clientConfig)
)

func (o serverOption) setServer(c *serverConfig) { o(c) }
func (o clientOption) setClient(c *clientConfig) { o(c) }

// serverConfig is what NewServer was told.
type serverConfig struct {
	backing        backing
	log            *slog.Logger
	namespace      string
	auth           func(ctx context.Context, r *http.Request, auth json.RawMessage) (Access, error)
	origins        []string
	limits         Limits
	engineIO3      bool
	inspector      *inspector.Page
	adapterTimeout time.Duration
}

// clientConfig is what Dial was told.
type clientConfig struct {
	url        string // as given, for errors
	endpoint   string
	log        *slog.Logger
	namespace  string
	transports []string
	header     http.Header
	tls        *tls.Config
	token      func(ctx context.Context) (any, error)
	timeout    time.Duration
	maxMessage int
	maxReply   int
	threshold  int // of compression, in bytes; -1: none
	progress   func(Progress)
	failFast   bool
}

// DefaultNamespace is where clients look for a Server.
const DefaultNamespace = "/znsocket"

// WithLogger sends the log there: of a Server what went wrong with clients, of a
// Client the connections that were lost and made. The default is slog.Default.
func WithLogger(l *slog.Logger) CommonOption {
	return CommonOption{func(c *serverConfig) { c.log = l }, func(c *clientConfig) { c.log = l }}
}

// WithNamespace sets the Socket.IO namespace. The default is DefaultNamespace.
func WithNamespace(name string) CommonOption {
	return CommonOption{func(c *serverConfig) { c.namespace = name }, func(c *clientConfig) { c.namespace = name }}
}

// WithMaxMessageSize sets how many bytes a message from a client to its server
// may have; what is larger is sent in pieces. A Server announces it, 1,000,000
// by default, and takes no larger ones. A Client keeps to what its server
// announces, or to n where that is less.
func WithMaxMessageSize(n int) CommonOption {
	return CommonOption{func(c *serverConfig) { c.limits.Message = n }, func(c *clientConfig) { c.maxMessage = n }}
}

// WithStore shares c: a *Store, a *Node, or any other Commander, whose clients
// then meet in this Server only. Without it the Server has a new Store of its own.
func WithStore(c Commander) ServerOption {
	return serverOption(func(cfg *serverConfig) {
		b, ok := c.(backing)
		if !ok {
			b = newNode(c)
		}
		cfg.backing = b
	})
}

// WithOrigins allows web pages of these origins, such as
// "https://app.example.com", beside those of the Server's own host; "*" allows
// every page on the web to read and write the Store.
func WithOrigins(origins ...string) ServerOption {
	return serverOption(func(c *serverConfig) { c.origins = append(c.origins, origins...) })
}

// WithAdapterTimeout sets how long a client that owns an adapter has for an answer.
// The default is 5 s; of an adapter in the Store itself see AnswerWithin.
func WithAdapterTimeout(d time.Duration) ServerOption {
	return serverOption(func(c *serverConfig) { c.adapterTimeout = d })
}

// WithEngineIO3 also lets in clients of Socket.IO 1 and 2, such as npm's
// socket.io-client@2, which speak Engine.IO 3. The default is not to, as it is of
// allowEIO3 in npm's socket.io: they are refused with "Unsupported protocol version".
//
// Such a client sends no auth payload. WithAuth gets an object of its query
// parameters instead, each a string: those of its request and those of its
// namespace, which count more. io(url, {query: {token: …}}) sends both; proxies may
// write them into their logs. It pings, where others are pinged, and is gone when
// it has not for 45 s. A page that polls by scripts (forceJSONP) is let in if it
// is of an allowed origin and sends a Referer. On polling, clients of Socket.IO 1
// encode twice what is not ASCII: they need WebSocket for that.
func WithEngineIO3() ServerOption {
	return serverOption(func(c *serverConfig) { c.engineIO3 = true })
}

// WithInspector serves a page that shows the data and the clients of the Server in a
// browser, at any path that ends in /inspect/. In a program's own mux it has a
// place beside the clients:
//
//	mux.Handle("/socket.io/", srv)
//	mux.Handle("/inspect/", srv)
//
// The page connects as every client does, under the same rules: see WithAuth and
// WithOrigins. It asks for a token where one is wanted. Whoever may connect sees
// the addresses of all clients, unless an Access refuses SERVER.INSPECT.
func WithInspector() ServerOption {
	return serverOption(func(c *serverConfig) { c.inspector = inspector.New() })
}

// WithAuth has fn decide about each client before it is let in. fn gets the
// request that began the connection and the auth payload of the client's
// handshake, {} where it sent none; an error refuses the client with its text.
// The client waits for the answer; that of Python gives up after a second.
func WithAuth(fn func(ctx context.Context, r *http.Request, auth json.RawMessage) (Access, error)) ServerOption {
	return serverOption(func(c *serverConfig) { c.auth = fn })
}

// Limits bound what clients can make a Server hold beside the data. A field that
// is 0 has the default. What goes over a limit gets an error that names it, or
// loses its connection and leaves a line in the log.
type Limits struct {
	Message         int   // bytes of a message from a client, as WithMaxMessageSize; 1,000,000
	Body            int64 // bytes of a compressed or chunked message, unpacked; 256 MiB
	Pieces          int   // of a chunked message; 100,000
	Unfinished      int64 // bytes of chunked messages that one client has not finished; 256 MiB
	UnfinishedTotal int64 // and all clients; 1 GiB
	Answer          int   // bytes of one answer; 256 MiB
	Queued          int   // bytes that wait for a client that reads slowly; 512 MiB
	QueuedTotal     int64 // bytes that wait for all clients, beyond which there are no large answers; 2 GiB
	Connections     int   // 10,000
	Subscriptions   int   // keys that one client may listen to; 100,000
	Adapters        int   // that one client may register; 100,000
	AdapterCalls    int   // questions to one owner of adapters that are not answered; 10,000
}

// WithLimits sets the limits whose fields are not 0.
func WithLimits(l Limits) ServerOption {
	return serverOption(func(c *serverConfig) { c.limits = l.or(c.limits) })
}

// or fills in from other what is 0.
func (l Limits) or(other Limits) Limits {
	return Limits{
		Message:         cmp.Or(l.Message, other.Message),
		Body:            cmp.Or(l.Body, other.Body),
		Pieces:          cmp.Or(l.Pieces, other.Pieces),
		Unfinished:      cmp.Or(l.Unfinished, other.Unfinished),
		UnfinishedTotal: cmp.Or(l.UnfinishedTotal, other.UnfinishedTotal),
		Answer:          cmp.Or(l.Answer, other.Answer),
		Queued:          cmp.Or(l.Queued, other.Queued),
		QueuedTotal:     cmp.Or(l.QueuedTotal, other.QueuedTotal),
		Connections:     cmp.Or(l.Connections, other.Connections),
		Subscriptions:   cmp.Or(l.Subscriptions, other.Subscriptions),
		Adapters:        cmp.Or(l.Adapters, other.Adapters),
		AdapterCalls:    cmp.Or(l.AdapterCalls, other.AdapterCalls),
	}
}

func (l Limits) withDefaults() Limits {
	return l.or(Limits{
		Message:         engineio.DefaultMaxPayload,
		Body:            256 << 20,
		Pieces:          100_000,
		Unfinished:      256 << 20,
		UnfinishedTotal: 1 << 30,
		Answer:          256 << 20,
		Queued:          512 << 20,
		QueuedTotal:     2 << 30,
		Connections:     engineio.DefaultMaxConns,
		Subscriptions:   100_000,
		Adapters:        100_000,
		AdapterCalls:    10_000,
	})
}

// WithTimeout ends a call without a deadline after d. The default is 60 s; 0
// lets it wait for ever. A command that waits by itself, such as BLPOP, may take that
// much longer.
func WithTimeout(d time.Duration) ClientOption {
	return clientOption(func(c *clientConfig) { c.timeout = d })
}

// WithMaxReply sets how many bytes a message from the server may have: a larger
// one ends the connection, and the call with ErrTooLarge. The default is
// 512 MiB.
func WithMaxReply(n int) ClientOption {
	return clientOption(func(c *clientConfig) { c.maxReply = n })
}

// WithCompression compresses messages longer than threshold bytes with gzip. The
// default is 1,024; a negative threshold compresses none.
func WithCompression(threshold int) ClientOption {
	return clientOption(func(c *clientConfig) { c.threshold = threshold })
}

// WithProgress has fn told how far large messages are, those to the server that
// are sent in pieces and those from it of more than 64 KiB. fn is called from
// several goroutines and must be quick.
func WithProgress(fn func(Progress)) ClientOption {
	return clientOption(func(c *clientConfig) { c.progress = fn })
}

// WithToken has fn make a token whenever a connection is made, also again, and
// sends it in the handshake's auth payload: {"token": …}.
func WithToken(fn func(ctx context.Context) (any, error)) ClientOption {
	return clientOption(func(c *clientConfig) { c.token = fn })
}

// WithTransports chooses among "websocket", the default, and "polling", for
// networks that let no WebSocket pass. With both the connection begins with the
// first and goes over to the second.
func WithTransports(names ...string) ClientOption {
	return clientOption(func(c *clientConfig) { c.transports = names })
}

// WithHeader sends these headers when connecting.
func WithHeader(h http.Header) ClientOption {
	return clientOption(func(c *clientConfig) { c.header = h })
}

// WithTLS sets up the encryption of a znsockets connection.
func WithTLS(config *tls.Config) ClientOption {
	return clientOption(func(c *clientConfig) { c.tls = config })
}

// WithFailFast has calls fail with ErrDisconnected at once while there is no
// connection, instead of waiting for it as long as their context allows.
func WithFailFast() ClientOption {
	return clientOption(func(c *clientConfig) { c.failFast = true })
}
