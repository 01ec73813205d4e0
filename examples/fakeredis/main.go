// Fakeredis tests a rate limiter against a Redis that is a variable: the tests
// are in limiter_test.go, and this program shows what they do.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/znsocket/znsocket"
)

func main() {
	ctx := context.Background()
	store := znsocket.NewStore()
	limiter := Limiter{Redis: store, Calls: 2, Window: time.Hour}
	for call := 1; call <= 3; call++ {
		ok, err := limiter.Allow(ctx, "ada")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("call %d is allowed: %t\n", call, ok)
	}
	store.Advance(time.Hour)
	ok, err := limiter.Allow(ctx, "ada")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("after an hour, which took no time: %t\n", ok)
}
