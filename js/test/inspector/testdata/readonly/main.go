// Command readonly serves some data with the inspector to clients that may read
// it but not change it. With -private they may not see who else is connected. It
// writes its address and ends with its standard input.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/znsocket/znsocket"
)

func main() {
	private := flag.Bool("private", false, "refuse to tell who is connected")
	flag.Parse()
	store := znsocket.NewStore()
	settings := znsocket.NewDict[any](store, "settings")
	if err := settings.Update(context.Background(), map[string]any{"timestep": 0.5}); err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	srv := znsocket.NewServer(znsocket.WithStore(store), znsocket.WithInspector(),
		znsocket.WithAuth(func(context.Context, *http.Request, json.RawMessage) (znsocket.Access, error) {
			if !*private {
				return znsocket.ViewOnly, nil
			}
			return func(cmd znsocket.Cmd, keys []string) error {
				if cmd[0] == "SERVER.INSPECT" {
					return errors.New("this is nobody's business")
				}
				return znsocket.ViewOnly(cmd, keys)
			}, nil
		}))
	go srv.Serve(l)
	fmt.Println(l.Addr())
	io.Copy(io.Discard, os.Stdin)
}
