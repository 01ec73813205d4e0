package znsocket_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/znsocket/znsocket"
)

// Workers share the entries of a stream. What one has read and not acknowledged
// another one takes over.
func ExampleCommands_XReadGroup() {
	ctx := context.Background()
	s := znsocket.NewStore()
	if err := s.XGroupCreateMkStream(ctx, "jobs", "workers", "0"); err != nil {
		log.Fatal(err)
	}
	for _, job := range []string{"mail", "invoice"} {
		if _, err := s.XAdd(ctx, znsocket.XAddArgs{Stream: "jobs", Values: []any{"do", job}}); err != nil {
			log.Fatal(err)
		}
	}
	take := func(worker string) znsocket.XMessage {
		streams, err := s.XReadGroup(ctx, znsocket.XReadGroupArgs{
			Group: "workers", Consumer: worker, Streams: []string{"jobs", ">"}, Count: 1, Block: time.Minute,
		})
		if err != nil {
			log.Fatal(err)
		}
		return streams[0].Messages[0]
	}
	mail, invoice := take("anna"), take("ben")
	fmt.Println("anna:", mail.Values["do"])
	fmt.Println("ben:", invoice.Values["do"])
	if _, err := s.XAck(ctx, "jobs", "workers", mail.ID); err != nil {
		log.Fatal(err)
	}

	s.Advance(time.Hour) // and ben is gone
	late, err := s.XAutoClaim(ctx, znsocket.XAutoClaimArgs{
		Stream: "jobs", Group: "workers", Consumer: "anna", MinIdle: time.Minute, Start: "0-0",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("anna:", late.Messages[0].Values["do"])
	// Output:
	// anna: mail
	// ben: invoice
	// anna: invoice
}

func ExampleCommands_GeoSearchLocation() {
	ctx := context.Background()
	s := znsocket.NewStore()
	_, err := s.GeoAdd(ctx, "cities",
		znsocket.GeoLocation{Name: "Stuttgart", Longitude: 9.18, Latitude: 48.78},
		znsocket.GeoLocation{Name: "Ulm", Longitude: 9.99, Latitude: 48.4},
		znsocket.GeoLocation{Name: "Hamburg", Longitude: 10, Latitude: 53.55},
	)
	if err != nil {
		log.Fatal(err)
	}
	near, err := s.GeoSearchLocation(ctx, "cities", znsocket.GeoSearchLocationQuery{
		GeoSearchQuery: znsocket.GeoSearchQuery{Member: "Stuttgart", Radius: 100, Sort: "ASC"},
		WithDist:       true,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, city := range near {
		fmt.Printf("%s: %.0f km\n", city.Name, city.Dist)
	}
	// Output:
	// Stuttgart: 0 km
	// Ulm: 73 km
}

// A script is one step: nobody comes in between.
func ExampleScript() {
	ctx := context.Background()
	s := znsocket.NewStore()
	spend := znsocket.NewScript(`
		local left = tonumber(redis.call('GET', KEYS[1]) or 0) - ARGV[1]
		if left < 0 then return redis.error_reply('POOR it costs too much') end
		redis.call('SET', KEYS[1], left)
		return left`)
	if err := s.Set(ctx, "purse", 10); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		left, err := spend.Run(ctx, s, []string{"purse"}, 7)
		fmt.Println(left, err)
	}
	// Output:
	// 3 <nil>
	// <nil> POOR it costs too much
}

func ExampleCommands_BLPop() {
	ctx := context.Background()
	s := znsocket.NewStore()
	got := make(chan znsocket.Popped[string])
	go func() {
		first, err := s.BLPop(ctx, time.Minute, "urgent", "normal")
		if err != nil {
			log.Fatal(err)
		}
		got <- first
	}()
	if _, err := s.RPush(ctx, "normal", "sweep"); err != nil {
		log.Fatal(err)
	}
	first := <-got
	fmt.Println(first.Key, first.Val)

	_, err := s.BLPop(ctx, time.Millisecond, "urgent", "normal")
	fmt.Println(errors.Is(err, znsocket.ErrNil))
	// Output:
	// normal sweep
	// true
}
