package znsocket_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/znsocket/znsocket"
)

// A room that shows a template until somebody changes something in it.
func ExampleWithFallback() {
	ctx := context.Background()
	s := znsocket.NewStore() // or a *Client, or any other Commander
	template := znsocket.NewList[string](s, "template")
	if err := template.Append(ctx, "welcome"); err != nil {
		log.Fatal(err)
	}

	room := znsocket.NewList[string](s, "room", znsocket.WithFallback("template", znsocket.FallbackFrozen))
	fmt.Println(room.Slice(ctx, znsocket.Begin, znsocket.End))
	if err := template.Append(ctx, "news"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(room.Slice(ctx, znsocket.Begin, znsocket.End))
	if err := room.Append(ctx, "hello"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(room.Slice(ctx, znsocket.Begin, znsocket.End))
	fmt.Println(template.Slice(ctx, znsocket.Begin, znsocket.End))
	// Output:
	// [welcome] <nil>
	// [welcome news] <nil>
	// [welcome news hello] <nil>
	// [welcome news] <nil>
}

// Times as a converter in Python, for datetime.datetime, would write and read
// them.
func ExampleWithConverter() {
	ctx := context.Background()
	s := znsocket.NewStore()
	times := znsocket.WithConverter("datetime.datetime",
		func(t time.Time) (any, error) { return t.Format(time.RFC3339), nil },
		func(value any) (time.Time, error) { return time.Parse(time.RFC3339, fmt.Sprint(value)) })

	events := znsocket.NewDict[any](s, "events", times)
	launch := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	if err := events.Set(ctx, "launch", map[string]any{"at": launch}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.HGet(ctx, events.Key(), "launch"))
	v, err := events.Get(ctx, "launch")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.(map[string]any)["at"].(time.Time).Weekday())
	// Output:
	// {"at":{"_type":"datetime.datetime","value":"2024-02-29T12:00:00Z"}} <nil>
	// Thursday
}

func ExampleList_Summary() {
	ctx := context.Background()
	l := znsocket.NewList[any](znsocket.NewStore(), "things")
	if err := l.Append(ctx, 1, "two"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(l) // asks nobody
	fmt.Println(l.Summary(ctx))
	fmt.Println(l.Dump(ctx))
	// Output:
	// List("things")
	// List(len=2) <nil>
	// List([1, "two"]) <nil>
}
