// Progress is a long calculation that others follow while it runs: its state is a
// struct, which a dict shows live. Start it, and beside it
//
//	python examples/progress/follow.py
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
	"time"

	"github.com/znsocket/znsocket"
)

// Job is how far the calculation is.
type Job struct {
	Step  int     `json:"step"`
	Steps int     `json:"steps"`
	Sum   float64 `json:"sum"`
}

func main() {
	addr := flag.String("addr", "127.0.0.1:5000", "where to serve")
	every := flag.Duration("every", 500*time.Millisecond, "how long a step takes")
	flag.Parse()
	ctx := context.Background()

	job := Job{Steps: 5}
	var mu sync.RWMutex // guards job
	srv := znsocket.NewServer()
	shown, err := znsocket.NewDictAdapter(ctx, srv.Store(), "job", znsocket.StructOf(&job, mu.RLocker()))
	check(err)

	l, err := net.Listen("tcp", *addr)
	check(err)
	go srv.Serve(l)
	fmt.Printf("serving znsocket://%s: Enter begins\n", l.Addr())
	input := bufio.NewReader(os.Stdin)
	input.ReadString('\n') // or the end of the input

	for step := 1; step <= job.Steps; step++ {
		time.Sleep(*every) // the work
		mu.Lock()
		job.Step = step
		job.Sum += 1 / float64(step)
		mu.Unlock()
		shown.Changed(znsocket.Refresh{Keys: []string{"step", "sum"}})
	}
	fmt.Printf("done, the sum is %.4f: Enter ends\n", job.Sum)
	input.ReadString('\n')
	check(srv.Shutdown(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
