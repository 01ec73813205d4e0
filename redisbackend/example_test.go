package redisbackend_test

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/redisbackend"
)

// A list that several programs share.
func ExampleOpen() {
	ctx := context.Background()
	b, err := redisbackend.Open(ctx, "redis://127.0.0.1:6379/0")
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()

	names := znsocket.NewList[string](b, "names")
	if err := names.Insert(ctx, 0, "alice"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(names.Slice(ctx, znsocket.Begin, znsocket.End))
	fmt.Println(b.Incr(ctx, "visits"))
}

// A program that has a client of go-redis already.
func ExampleNew() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	defer rdb.Close()
	ctx := context.Background()
	b, err := redisbackend.New(ctx, rdb)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	fmt.Println(znsocket.NewDict[int](b, "ages").Len(ctx))
}
