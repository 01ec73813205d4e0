// Twoservers has two servers over one Redis, as two machines would, and a client
// at each: what one does, the other sees.
//
//	redis-server --port 6379
//	go run ./examples/twoservers -redis redis://127.0.0.1:6379/0
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/redisbackend"
)

func main() {
	redis := flag.String("redis", "redis://127.0.0.1:6379/0", "where the data is")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	rome, leaveRome := join(ctx, *redis)
	defer leaveRome()
	oslo, leaveOslo := join(ctx, *redis)
	defer leaveOslo()

	// A list: each may change it anywhere, in one step.
	trains := znsocket.NewList[string](rome, "twoservers:trains")
	check(trains.Clear(ctx))
	defer trains.Clear(ctx)
	same := znsocket.NewList[string](oslo, "twoservers:trains")
	check(trains.Append(ctx, "R7", "R1"))
	check(same.Insert(ctx, 1, "F5"))
	all, err := trains.Slice(ctx, znsocket.Begin, znsocket.End)
	check(err)
	fmt.Println("rome reads the list that both wrote:", all)

	// A refresh: oslo hears what rome changes.
	heard := make(chan znsocket.Refresh, 1)
	stop := same.OnRefresh(func(r znsocket.Refresh) { heard <- r })
	check(trains.Set(ctx, 0, "R8"))
	changed := (<-heard).Indices[0]
	stop()
	train, err := same.At(ctx, changed)
	check(err)
	fmt.Printf("oslo hears that element %d has changed: it is %s\n", changed, train)

	// An adapter: oslo reads what rome's program has in memory, and rome says when
	// it has changed.
	live := znsocket.NewList[int](oslo, "twoservers:platforms")
	stop = live.OnRefresh(func(r znsocket.Refresh) { heard <- r })
	defer stop()
	platforms := []int{1, 2, 5}
	adapter, err := znsocket.NewListAdapter(ctx, rome, "twoservers:platforms", znsocket.SliceOf(&platforms, nil))
	check(err)
	defer adapter.Close()
	adapter.Changed(znsocket.Refresh{Resync: true})
	<-heard
	free, err := live.Slice(ctx, znsocket.Begin, znsocket.End)
	check(err)
	fmt.Println("oslo reads rome's memory:", free)
}

// join starts a server over the Redis and returns a client of it.
func join(ctx context.Context, redis string) (c *znsocket.Client, leave func()) {
	backend, err := redisbackend.Open(ctx, redis)
	check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	srv := znsocket.NewServer(znsocket.WithStore(backend))
	go srv.Serve(l)
	c, err = znsocket.Dial(ctx, "znsocket://"+l.Addr().String())
	check(err)
	return c, func() {
		check(c.Close())
		check(srv.Shutdown(ctx))
		check(backend.Close())
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
