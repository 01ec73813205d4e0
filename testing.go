package znsocket

import (
	"context"
	"net"
	"time"
)

// TestingT is what RunT needs of a *testing.T.
type TestingT interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// RunT starts a Server for a test, on a free port of 127.0.0.1, and has it end with
// the test. Its URL is where clients connect, its Store what they share; see
// Store.Advance, Store.SetTime, Store.Intercept and DropConnections for what tests
// do to them.
func RunT(t TestingT, opts ...ServerOption) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("znsocket: %v", err)
	}
	srv := NewServer(opts...)
	srv.addr = l.Addr() // Serve may not have begun when URL is called
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(l) // it ends with the test
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Shutdown(ctx) // what a test leaves open is dropped
		<-served
	})
	return srv
}
