module github.com/znsocket/znsocket/bench

go 1.25.0

require (
	github.com/alicebob/miniredis/v2 v2.40.0
	github.com/googollee/go-socket.io v1.7.0
	github.com/lxzan/gws v1.8.9
	github.com/redis/go-redis/v9 v9.22.0
	github.com/znsocket/znsocket v0.0.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/gorilla/websocket v1.4.2 // indirect
	github.com/klauspost/compress v1.20.4 // indirect
	github.com/tidwall/btree v1.8.2 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	github.com/yuin/gopher-lua v1.1.2 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
)

replace github.com/znsocket/znsocket => ../
