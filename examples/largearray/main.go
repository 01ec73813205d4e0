// Largearray sends an array of a million numbers, 8 MB, and reads it back, with
// progress on the way: the message is compressed and cut into pieces.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/znsocket/znsocket"
)

func main() {
	url := flag.String("url", "", "a running server; without it the program starts its own")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	if *url == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		srv := znsocket.NewServer(znsocket.WithMaxMessageSize(1 << 20))
		go srv.Serve(l)
		defer srv.Shutdown(ctx)
		*url = "znsocket://" + l.Addr().String()
	}
	var bar progressBar
	c, err := znsocket.Dial(ctx, *url, znsocket.WithProgress(bar.show))
	check(err)
	defer c.Close()

	numbers := make([]float64, 1_000_000)
	for i := range numbers {
		numbers[i] = rand.Float64()
	}
	array, err := znsocket.NewNDArray(numbers, 1000, 1000)
	check(err)

	d := znsocket.NewDict[*znsocket.NDArray](c, "large_dataset")
	start := time.Now()
	check(d.Set(ctx, "array", array))
	fmt.Printf("\nstored an array of shape %v in %v\n", array.Shape, time.Since(start).Round(time.Millisecond))

	start = time.Now()
	back, err := d.Get(ctx, "array")
	check(err)
	fmt.Printf("\nread it back in %v\n", time.Since(start).Round(time.Millisecond))

	want, err := array.At(999, 999)
	check(err)
	got, err := back.At(999, 999)
	check(err)
	fmt.Println("the last number is the same:", got == want)
}

// progressBar prints how far the larger transfer is, in tenths.
type progressBar struct {
	mu   sync.Mutex
	last znsocket.Progress
}

func (b *progressBar) show(p znsocket.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.Total < 1<<20 {
		return
	}
	tenths := p.Done * 10 / p.Total
	if p.Sending == b.last.Sending && tenths == b.last.Done*10/max(b.last.Total, 1) {
		return
	}
	b.last = p
	verb := "received"
	if p.Sending {
		verb = "sent"
	}
	fmt.Printf("%s %3d%% of %.1f MB\n", verb, tenths*10, float64(p.Total)/1e6)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
