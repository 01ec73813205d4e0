// Adapter shows its own slice and struct live, without a copy: others read them
// with List and Dict, as they are at each moment. Start it, and beside it as
// often as you like
//
//	python examples/adapter/read.py
//
// Each line that you type here is one more guest.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"sync"

	"github.com/znsocket/znsocket"
)

// Room is what the dict shows, under the names in its tags.
type Room struct {
	Name   string `json:"name"`
	Guests int    `json:"guests"`
}

func main() {
	addr := flag.String("addr", "127.0.0.1:5000", "where to serve")
	flag.Parse()
	ctx := context.Background()

	guests := []string{"Ada", "Alan"}
	room := Room{Name: "library", Guests: len(guests)}
	var mu sync.RWMutex // guards both; who reads them over the network holds it too

	srv := znsocket.NewServer()
	list, err := znsocket.NewListAdapter(ctx, srv.Store(), "guests", znsocket.SliceOf(&guests, mu.RLocker()))
	check(err)
	dict, err := znsocket.NewDictAdapter(ctx, srv.Store(), "room", znsocket.StructOf(&room, mu.RLocker()))
	check(err)

	l, err := net.Listen("tcp", *addr)
	check(err)
	go srv.Serve(l)
	fmt.Printf("serving znsocket://%s: type a name, or end the input\n", l.Addr())

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		mu.Lock()
		guests = append(guests, lines.Text())
		room.Guests++
		newest := len(guests) - 1
		mu.Unlock()

		// Whoever reads sees it already; those who wait for news want to be told.
		list.Changed(znsocket.Refresh{Indices: []int{newest}})
		dict.Changed(znsocket.Refresh{Keys: []string{"guests"}})
		fmt.Println("welcome,", lines.Text())
	}
	check(lines.Err())
	check(srv.Shutdown(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
