// Client uses a server that runs already: start one with
//
//	go run ./cmd/znsocket --port 5000
//
// and run this program as often as you like, also several at once.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/znsocket/znsocket"
)

func main() {
	url := flag.String("url", "znsocket://127.0.0.1:5000", "the server")
	watch := flag.Duration("watch", 0, "how long to show what others add, such as 1m")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *watch+10*time.Second)
	defer cancel()

	c, err := znsocket.Dial(ctx, *url)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	visits := znsocket.NewList[string](c, "visits")
	stop := visits.OnRefresh(func(r znsocket.Refresh) {
		last, err := visits.At(ctx, -1)
		fmt.Println("somebody changed the list; the last element is now:", last, err)
	})
	defer stop()

	host, _ := os.Hostname() // "" where the machine has no name
	if err := visits.Append(ctx, fmt.Sprintf("process %d on %s", os.Getpid(), host)); err != nil {
		log.Fatal(err)
	}
	n, err := visits.Len(ctx)
	if err != nil {
		log.Fatal(err)
	}
	newest, err := visits.Slice(ctx, -3, znsocket.End)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d visits so far, the newest: %q\n", n, newest)
	time.Sleep(*watch)
}
