package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/znsocket/znsocket"
)

func TestLimiter(t *testing.T) {
	store := znsocket.NewStore() // the fake Redis: no port, nothing to clean up
	limiter := Limiter{Redis: store, Calls: 2, Window: time.Hour}

	for call, want := range []bool{true, true, false} {
		if got, err := limiter.Allow(t.Context(), "ada"); err != nil || got != want {
			t.Fatalf("call %d: %t, %v", call, got, err)
		}
	}
	store.Advance(time.Hour) // an hour passes, and the test does not wait for it
	if ok, err := limiter.Allow(t.Context(), "ada"); err != nil || !ok {
		t.Fatalf("an hour later: %t, %v", ok, err)
	}
}

func TestLimiter_redisDown(t *testing.T) {
	store := znsocket.NewStore()
	down := errors.New("connection refused")
	store.Intercept(func(context.Context, znsocket.Cmd) error { return down })
	limiter := Limiter{Redis: store, Calls: 2, Window: time.Hour}
	if _, err := limiter.Allow(t.Context(), "ada"); !errors.Is(err, down) {
		t.Fatalf("want the fault, got %v", err)
	}
}
