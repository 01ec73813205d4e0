package znsocket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// A fake Redis in a unit test, whose time is the test's.
func ExampleNewStore() {
	ctx := context.Background()
	s := znsocket.NewStore()
	if err := s.Set(ctx, "session:42", "alice", znsocket.EX(30*time.Minute)); err != nil {
		log.Fatal(err)
	}
	user, err := s.Get(ctx, "session:42")
	fmt.Println(user, err)

	s.Advance(30 * time.Minute)
	_, err = s.Get(ctx, "session:42")
	fmt.Println(errors.Is(err, znsocket.ErrNil))
	// Output:
	// alice <nil>
	// true
}

// A test of what a program does when its Redis fails.
func ExampleStore_Intercept() {
	ctx := context.Background()
	s := znsocket.NewStore()
	s.Intercept(func(_ context.Context, cmd znsocket.Cmd) error {
		if cmd[0] == "SET" && cmd[1] == "full" {
			return &znsocket.Error{Kind: znsocket.KindResponse, Msg: "OOM command not allowed when used memory > 'maxmemory'."}
		}
		return nil
	})
	fmt.Println(s.Set(ctx, "free", 1))
	fmt.Println(s.Set(ctx, "full", 1))
	// Output:
	// <nil>
	// OOM command not allowed when used memory > 'maxmemory'.
}

func ExampleCommands_Pipelined() {
	ctx := context.Background()
	s := znsocket.NewStore()
	var visits *znsocket.Future[int64]
	var name *znsocket.Future[string]
	err := s.Pipelined(ctx, func(p *znsocket.Pipeline) error {
		p.Set("name", "alice")
		visits = p.Incr("visits")
		name = p.Get("name")
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(visits.Result())
	fmt.Println(name.Result())
	// Output:
	// 1 <nil>
	// alice <nil>
}

func ExampleCommands_ScanIter() {
	ctx := context.Background()
	s := znsocket.NewStore()
	if err := s.MSet(ctx, "user:1", "alice", "user:2", "bob", "total", 2); err != nil {
		log.Fatal(err)
	}
	var users []string
	for key, err := range s.ScanIter(ctx, "user:*") {
		if err != nil {
			log.Fatal(err)
		}
		users = append(users, key)
	}
	slices.Sort(users)
	fmt.Println(users)
	// Output: [user:1 user:2]
}

func ExampleList() {
	ctx := context.Background()
	s := znsocket.NewStore() // or a *Client, or any other Commander
	type user struct{ Name string }

	users := znsocket.NewList[user](s, "users")
	if err := users.Append(ctx, user{"alice"}, user{"carol"}); err != nil {
		log.Fatal(err)
	}
	if err := users.Insert(ctx, 1, user{"bob"}); err != nil {
		log.Fatal(err)
	}
	last, err := users.At(ctx, -1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("last:", last.Name)
	for u, err := range users.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.Name)
	}
	backwards, err := users.SliceStep(ctx, znsocket.End, znsocket.Begin, -2)
	fmt.Println(backwards, err)
	// Output:
	// last: carol
	// alice
	// bob
	// carol
	// [{carol} {alice}] <nil>
}

func ExampleDict() {
	ctx := context.Background()
	s := znsocket.NewStore()
	ages := znsocket.NewDict[int](s, "ages")
	if err := ages.Update(ctx, map[string]int{"alice": 30, "bob": 25}); err != nil {
		log.Fatal(err)
	}
	if err := ages.Set(ctx, "carol", 41); err != nil {
		log.Fatal(err)
	}
	age, err := ages.Pop(ctx, "bob")
	fmt.Println(age, err)
	_, err = ages.Get(ctx, "bob")
	fmt.Println(errors.Is(err, znsocket.ErrNil))
	items, err := ages.Items(ctx)
	fmt.Println(items, err)
	// Output:
	// 25 <nil>
	// true
	// [{alice 30} {carol 41}] <nil>
}

// Lists and dicts inside each other are kept by reference: a change in one is
// seen through the other.
func ExampleList_nested() {
	ctx := context.Background()
	s := znsocket.NewStore()
	alice := znsocket.NewDict[string](s, "alice")
	people := znsocket.NewList[*znsocket.Dict[string]](s, "people")
	if err := people.Append(ctx, alice); err != nil {
		log.Fatal(err)
	}
	if err := alice.Set(ctx, "city", "Stuttgart"); err != nil {
		log.Fatal(err)
	}
	first, err := people.At(ctx, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Get(ctx, "city"))
	stored, err := s.LRange(ctx, people.Key(), 0, -1)
	fmt.Println(stored, err)
	// Output:
	// Stuttgart <nil>
	// ["znsocket.Dict:alice"] <nil>
}

func ExampleList_OnRefresh() {
	ctx := context.Background()
	s := znsocket.NewStore()
	mine, theirs := znsocket.NewList[string](s, "log"), znsocket.NewList[string](s, "log")

	heard := make(chan znsocket.Refresh)
	stop := theirs.OnRefresh(func(r znsocket.Refresh) { heard <- r })
	defer stop()

	if err := mine.Append(ctx, "one"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("appended at", (<-heard).Indices)
	if err := mine.Insert(ctx, 0, "zero"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed from", *(<-heard).Start)
	fmt.Println(theirs.Slice(ctx, znsocket.Begin, znsocket.End))
	// Output:
	// appended at [0]
	// changed from 0
	// [zero one] <nil>
}

func ExampleNaNAsNull() {
	ctx := context.Background()
	s := znsocket.NewStore()
	plain := znsocket.NewList[float64](s, "plain")
	forBrowsers := znsocket.NewList[float64](s, "for browsers", znsocket.NaNAsNull())
	for _, l := range []*znsocket.List[float64]{plain, forBrowsers} {
		if err := l.Append(ctx, 1.5, math.NaN(), math.Inf(1)); err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.LRange(ctx, l.Key(), 0, -1))
	}
	// Output:
	// [1.5 NaN Infinity] <nil>
	// [1.5 null null] <nil>
}

func ExampleWithCallback() {
	ctx := context.Background()
	s := znsocket.NewStore()
	l := znsocket.NewList[string](s, "l", znsocket.WithCallback(func(c znsocket.Change) {
		fmt.Println(c.Op, c.Indices, c.Values)
	}))
	if err := l.Append(ctx, "a", "b", "c"); err != nil {
		log.Fatal(err)
	}
	if _, err := l.Pop(ctx, -1); err != nil {
		log.Fatal(err)
	}
	// Output:
	// append [0 1 2] [a b c]
	// delete [2] []
}

// Objects and typed commands over Redis, by go-redis.
func ExampleCommanderFunc() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	defer rdb.Close()
	c := znsocket.CommanderFunc(func(ctx context.Context, args ...any) (any, error) {
		v, err := rdb.Do(ctx, args...).Result()
		if errors.Is(err, redis.Nil) {
			return nil, nil
		}
		return v, err
	})

	ctx := context.Background()
	fmt.Println(znsocket.NewCommands(c).Incr(ctx, "visits"))
	fmt.Println(znsocket.NewList[string](c, "names").Len(ctx))
}

func ExampleOpenStore() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "znsocket")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := znsocket.OpenStore(dir, znsocket.WithSync(znsocket.SyncAlways))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.RPush(ctx, "jobs", "one", "two"))
	fmt.Println(store.Close())

	store, err = znsocket.OpenStore(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	fmt.Println(store.LRange(ctx, "jobs", 0, -1))
	// Output:
	// 2 <nil>
	// <nil>
	// [one two] <nil>
}

func ExampleStore_Save() {
	ctx := context.Background()
	store, other := znsocket.NewStore(), znsocket.NewStore()
	if err := store.Set(ctx, "name", "Ada"); err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	fmt.Println(store.Save(&file))
	fmt.Println(other.Load(&file))
	fmt.Println(other.Get(ctx, "name"))

	var wrong *znsocket.LoadError
	fmt.Println(errors.As(other.Load(strings.NewReader("something else")), &wrong))
	// Output:
	// <nil>
	// <nil>
	// Ada <nil>
	// true
}
