// Quickstart has a server, a client, a list and a dict in one program. It needs
// no other process.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/znsocket/znsocket"
)

// User is what the list holds. Python and JavaScript see it as
// {"name": …, "age": …}.
type User struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	// A server. On a fixed port it is: znsocket.NewServer().Listen(":5000")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	srv := znsocket.NewServer()
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	url := "znsocket://" + l.Addr().String()
	fmt.Println("server: listening")

	// A client, with Redis's commands as methods.
	c, err := znsocket.Dial(ctx, url)
	check(err)
	check(c.Set(ctx, "name", "Fabian"))
	name, err := c.Get(ctx, "name")
	check(err)
	fmt.Println("client: name is", name)

	// A list that everyone who opens "users" shares. The store itself is one of
	// them: no network in between.
	theirs := znsocket.NewList[User](srv.Store(), "users")
	news := make(chan znsocket.Refresh, 1)
	stop := theirs.OnRefresh(func(r znsocket.Refresh) { news <- r })

	users := znsocket.NewList[User](c, "users")
	check(users.Append(ctx, User{"Ada", 36}, User{"Alan", 41}, User{"Grace", 85}))
	fmt.Println("list: what is new begins at element", *(<-news).Start)
	for u, err := range theirs.All(ctx) {
		check(err)
		fmt.Println("list:", u.Name, "is", u.Age)
	}
	stop()

	// A dict, and a list in it.
	d := znsocket.NewDict[any](c, "config")
	check(d.Update(ctx, map[string]any{"theme": "dark", "users": users}))
	inner, err := d.Get(ctx, "users")
	check(err)
	n, err := inner.(*znsocket.List[any]).Len(ctx)
	check(err)
	fmt.Println("dict: users is a list of", n)

	check(c.Close())
	check(srv.Shutdown(ctx))
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		check(err)
	}
	fmt.Println("server: closed")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
