package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/lxzan/gws"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/redisbackend"
)

// server is a server in a process of its own, so that its memory and its
// garbage collector are not those of the load.
type server struct {
	cmd    *exec.Cmd
	addr   string
	behind *server // the Redis that it keeps its data in, if any
}

// profile is where our server writes a CPU profile; "" for nowhere.
var profile string

func startServer(kind, python string) (*server, error) {
	kind, overRedis := strings.CutSuffix(kind, "-redis")
	var redis *server
	storage := ""
	if overRedis {
		var err error
		if redis, err = startRedis(); err != nil {
			return nil, err
		}
		storage = "redis://" + redis.addr
	}
	s, err := startKind(kind, storage, python)
	if err != nil && redis != nil {
		redis.stop()
	} else if err == nil {
		s.behind = redis
	}
	return s, err
}

func startKind(kind, storage, python string) (*server, error) {
	switch kind {
	case "python":
		return startPython(python, storage)
	case "redis":
		return startRedis()
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(self, "-serve", kind, "-storage", storage, "-profile", profile)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server said nothing: %w", err)
	}
	s.addr = strings.TrimSpace(line)
	return s, nil
}

func startPython(python, storage string) (*server, error) {
	program := filepath.Join(filepath.Dir(python), "znsocket")
	return startAtPort(func(port string) *exec.Cmd {
		args := []string{"--port", port, "--log-level", "ERROR"}
		if storage != "" {
			args = append(args, "--storage", storage)
		}
		return exec.Command(program, args...)
	})
}

func startRedis() (*server, error) {
	return startAtPort(func(port string) *exec.Cmd {
		return exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no")
	})
}

// startAtPort starts a program that listens at a port of 127.0.0.1 and waits until
// it does.
func startAtPort(command func(port string) *exec.Cmd) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	s := &server{cmd: command(port), addr: addr}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.addr); err == nil {
			c.Close()
			return s, nil
		}
	}
	s.stop()
	return nil, fmt.Errorf("%s did not begin to listen", s.cmd.Path)
}

// startPythonOwner starts a program that has a ListAdapter on a server.
func startPythonOwner(python, addr string) (*server, error) {
	s := &server{cmd: exec.Command(python, "-W", "ignore", "-c", `
import sys
from znsocket import Client, ListAdapter
c = Client.from_url("znsocket://" + sys.argv[1])
a = ListAdapter(socket=c, key="hosted", object=list(range(1000)))
print("ready", flush=True)
c.sio.wait()
`, addr)}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		s.stop()
		return nil, fmt.Errorf("the owner said %q: %w", line, err)
	}
	return s, nil
}

// stop ends a server, ours so that it can finish its profile.
func (s *server) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() {
		s.cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
		s.cmd.Process.Kill()
		<-ended
	}
	if s.behind != nil {
		s.behind.stop()
	}
}

// serveAs is the child process.
func serveAs(kind, storage string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	switch kind {
	case "znsocket":
		stop, err := startProfile()
		if err != nil {
			return err
		}
		defer stop()
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		host, err := openHost(storage)
		if err != nil {
			return err
		}
		srv := znsocket.NewServer(znsocket.WithStore(host), znsocket.WithMaxMessageSize(5<<20), znsocket.WithLogger(quiet))
		numbers := make([]int, 1000)
		for i := range numbers {
			numbers[i] = i
		}
		if _, err := znsocket.NewListAdapter(context.Background(), host, "hosted", znsocket.SliceOf(&numbers, nil)); err != nil {
			return err
		}
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		go func() {
			<-interrupted
			l.Close()
		}()
		if err := srv.Serve(l); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	case "resp":
		stop, err := startProfile()
		if err != nil {
			return err
		}
		defer stop()
		ctx, done := signal.NotifyContext(context.Background(), os.Interrupt)
		defer done()
		return znsocket.NewStore().ServeRESP(ctx, l)
	case "miniredis":
		ctx, done := signal.NotifyContext(context.Background(), os.Interrupt)
		defer done()
		l.Close()
		if err := miniredis.NewMiniRedis().StartAddr(l.Addr().String()); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	case "echo":
		return serveBare(l, &bareServer{})
	case "broadcaster":
		return serveBare(l, &bareServer{broadcast: true})
	}
	return fmt.Errorf("no server is called %q", kind)
}

// openHost opens what our server shares: a Store, or the Redis that storage names.
func openHost(storage string) (znsocket.Host, error) {
	if storage == "" {
		return znsocket.NewStore(), nil
	}
	return redisbackend.Open(context.Background(), storage)
}

func startProfile() (stop func(), err error) {
	if profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// bareServer is the limit: it says what a Socket.IO server says on connecting,
// and to each event it writes the same answer, or passes it on to all others.
// It parses nothing.
type bareServer struct {
	gws.BuiltinEventHandler
	broadcast bool
	conns     gws.ConcurrentMap[*gws.Conn, struct{}]
}

var (
	openPacket = []byte(`0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":5242880}`)
	joined     = []byte(`40/znsocket,{"sid":"y"}`)
	cannedAck  = []byte(`43/znsocket,1[{"data":true}]`)
)

func serveBare(l net.Listener, b *bareServer) error {
	b.conns = *gws.NewConcurrentMap[*gws.Conn, struct{}](16)
	upgrader := gws.NewUpgrader(b, &gws.ServerOption{})
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go conn.ReadLoop()
	}))
}

func (b *bareServer) OnOpen(c *gws.Conn) {
	b.conns.Store(c, struct{}{})
	c.WriteMessage(gws.OpcodeText, openPacket)
}

func (b *bareServer) OnClose(c *gws.Conn, _ error) { b.conns.Delete(c) }

func (b *bareServer) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	data := m.Bytes()
	switch {
	case bytes.HasPrefix(data, []byte("40")):
		c.WriteMessage(gws.OpcodeText, joined)
	case b.broadcast:
		shared := gws.NewBroadcaster(gws.OpcodeText, bytes.Clone(data))
		b.conns.Range(func(other *gws.Conn, _ struct{}) bool {
			if other != c {
				shared.Broadcast(other)
			}
			return true
		})
		shared.Close()
	default:
		c.WriteMessage(gws.OpcodeText, cannedAck)
	}
}
