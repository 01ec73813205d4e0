package znsocket_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/znsocket/znsocket"
)

// A copy of a long list of which only what changes is stored again.
func ExampleSegments() {
	ctx := context.Background()
	s := znsocket.NewStore() // or a *Client, or any other Commander
	frames := znsocket.NewList[string](s, "frames")
	if err := frames.Append(ctx, "a", "b", "c", "d", "e"); err != nil {
		log.Fatal(err)
	}

	edited, err := frames.Segments(ctx, "edited")
	if err != nil {
		log.Fatal(err)
	}
	if err := edited.Set(ctx, 2, "C"); err != nil {
		log.Fatal(err)
	}
	if err := edited.Delete(ctx, 0, 1); err != nil {
		log.Fatal(err)
	}
	if err := edited.Append(ctx, "f"); err != nil {
		log.Fatal(err)
	}
	for _, l := range []interface {
		Slice(ctx context.Context, i, j int) ([]string, error)
	}{edited, frames} {
		values, err := l.Slice(ctx, znsocket.Begin, znsocket.End)
		fmt.Println(strings.Join(values, " "), err)
	}
	pieces, err := edited.Pieces(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range pieces {
		fmt.Printf("%d to %d of %s\n", p.Start, p.End, p.Target)
	}
	// Output:
	// b C d e f <nil>
	// a b c d e <nil>
	// 1 to 2 of znsocket.List:frames
	// 0 to 1 of znsocket.List:edited
	// 3 to 5 of znsocket.List:frames
	// 1 to 2 of znsocket.List:edited
}
