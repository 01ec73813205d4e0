package redisbackend

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/redis/go-redis/v9"

	"github.com/znsocket/znsocket"
)

// plain turns a reply into one of the kinds znsocket.Commander promises. It is one
// already in RESP2, but for errors inside a list, which a script can return; a
// client given to New may speak RESP3.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, val := range v {
			m[fmt.Sprint(k)] = plain(val)
		}
		return m
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case *big.Int:
		return v.String()
	case error:
		return refusal(v)
	}
	return v
}

// refusal is the *Error of a reply, nil for errors that are none.
func refusal(err error) error {
	var reply redis.Error
	if !errors.As(err, &reply) || reply == redis.Nil {
		return nil
	}
	return &znsocket.Error{Kind: znsocket.KindResponse, Msg: reply.Error()}
}
