package redisbackend

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket"
	"github.com/znsocket/znsocket/internal/peers"
)

func TestURL_names(t *testing.T) {
	for _, c := range []struct {
		url, name string
		cluster   bool
		addrs     []string
		db        int
		read      time.Duration
		tls       string // the name that a certificate must have
	}{
		{url: "redis://", name: "redis:", addrs: []string{"localhost:6379"}, read: 3 * time.Second},
		{url: "redis://h/2", addrs: []string{"h:6379"}, db: 2, read: 3 * time.Second},
		{url: "redis://u:secret@h:1?db=3&read_timeout=7s", name: "redis://u:xxxxx@h:1?db=3&read_timeout=7s",
			addrs: []string{"h:1"}, db: 3, read: 7 * time.Second},
		{url: "rediss://h", addrs: []string{"h:6379"}, read: 3 * time.Second, tls: "h"},
		{url: "unix:///run/redis.sock?db=1", addrs: []string{"/run/redis.sock"}, db: 1, read: 3 * time.Second},
		{url: "redis://u:secret@h/1?master_name=m&password=secret&addr=i:2&username=v",
			name:  "redis://u:xxxxx@h/1?addr=i%3A2&master_name=m&password=xxxxx&username=v",
			addrs: []string{"FailoverClient"}, db: 1, read: 3 * time.Second},
		{url: "redis://h:1?addr=i:2&addr=j:3", cluster: true, addrs: []string{"h:1", "i:2", "j:3"}, read: 3 * time.Second},
		{url: "redis://h/0?cluster=true&read_timeout=1", cluster: true, addrs: []string{"h:6379"}, read: time.Second},
		{url: "rediss://h?cluster=1", cluster: true, addrs: []string{"h:6379"}, read: 3 * time.Second, tls: "h"},
		{url: "redis://h?cluster=false", addrs: []string{"h:6379"}, read: 3 * time.Second},
	} {
		rdb, name, err := config{}.dial(c.url)
		require.NoError(t, err, c.url)
		if c.name == "" {
			c.name = c.url
		}
		require.Equal(t, c.name, name)
		var encrypted *tls.Config
		switch rdb := rdb.(type) {
		case *redis.Client:
			require.False(t, c.cluster, c.url)
			require.Equal(t, c.addrs, []string{rdb.Options().Addr})
			require.Equal(t, c.db, rdb.Options().DB)
			require.Equal(t, c.read, rdb.Options().ReadTimeout)
			encrypted = rdb.Options().TLSConfig
		case *redis.ClusterClient:
			require.True(t, c.cluster, c.url)
			require.Equal(t, c.addrs, rdb.Options().Addrs)
			require.Equal(t, c.read, rdb.Options().ReadTimeout)
			encrypted = rdb.Options().TLSConfig
		}
		if c.tls == "" {
			require.Nil(t, encrypted, c.url)
		} else {
			require.Equal(t, c.tls, encrypted.ServerName)
		}
		require.NoError(t, rdb.Close())
	}
}

func TestOpen_wrongURL(t *testing.T) {
	const unreadable = "znsocket: the URL of the Redis cannot be read: " +
		"is it redis://user:password@host:6379/0, with %XX for special characters of the password?"
	for url, want := range map[string]string{
		"redis://u:sec#ret@h:1":                      unreadable,
		"redis://u:sec%ret@h:1":                      unreadable,
		"http://u:secret@h":                          "znsocket: cannot open http://u:xxxxx@h: redis: invalid URL scheme: http",
		"h:6379":                                     "znsocket: cannot open h:6379: redis: invalid URL scheme: h",
		"redis://h/x":                                `znsocket: cannot open redis://h/x: redis: invalid database number: "x"`,
		"redis://h?nosuch=1":                         "znsocket: cannot open redis://h?nosuch=1: redis: unexpected option: nosuch",
		"redis://h?cluster=x":                        "znsocket: cannot open redis://h?cluster=x: cluster is true or false",
		"redis://h/1?cluster=1":                      "znsocket: cannot open redis://h/1?cluster=1: a cluster has no database but 0",
		"unix://?cluster=1":                          "znsocket: cannot open unix:?cluster=1: redis: invalid URL scheme: unix",
		"redis://h?cluster=1&read_only=1":            "znsocket: cannot open redis://h?cluster=1&read_only=1: reading from replicas is not supported",
		"redis://h?cluster=1&route_randomly=1":       "znsocket: cannot open redis://h?cluster=1&route_randomly=1: reading from replicas is not supported",
		"redis://h?master_name=m&replica_only=1":     "znsocket: cannot open redis://h?master_name=m&replica_only=1: reading from replicas is not supported",
		"redis://h?master_name=m&route_by_latency=1": "znsocket: cannot open redis://h?master_name=m&route_by_latency=1: reading from replicas is not supported",
		"redis://h?master_name=m&addr=x":             "znsocket: cannot open redis://h?master_name=m&addr=x: redis: unable to parse addr param: x",
	} {
		_, err := Open(t.Context(), url)
		require.EqualError(t, err, want, url)
	}
}

func TestOpen_nobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := l.Addr().String()
	require.NoError(t, l.Close())
	for _, parameters := range []string{"", "?master_name=m", "?cluster=true"} {
		_, err = Open(t.Context(), "redis://u:secret@"+free+parameters)
		require.ErrorContains(t, err, "znsocket: could not connect to redis://u:xxxxx@"+free+parameters+": ")
		require.ErrorContains(t, err, "connection refused (is it running? start one with: redis-server)")
		require.NotContains(t, err.Error(), "secret")
		var dial *net.OpError
		require.ErrorAs(t, err, &dial)
	}
	_, err = Open(t.Context(), "unix:///nosuch/socket")
	require.ErrorContains(t, err, "no such file or directory (is it running?")

	// Somebody who says nothing.
	l, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = Open(t.Context(), "redis://"+l.Addr().String()+"?read_timeout=50ms")
	require.ErrorContains(t, err, "i/o timeout")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Open(ctx, "redis://"+l.Addr().String())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, l.Addr().String())
}

func TestOpen_anotherRedis(t *testing.T) {
	r := peers.RedisTCP(t)
	require.Equal(t, "+OK\r\n", r.Command("CONFIG SET requirepass secret"))
	_, err := Open(t.Context(), "redis://:wrong@"+r.Addr)
	require.EqualError(t, err, "znsocket: could not connect to redis://:xxxxx@"+r.Addr+
		": WRONGPASS invalid username-password pair or user is disabled.")
	var refused *znsocket.Error
	require.ErrorAs(t, err, &refused)
	_, err = Open(t.Context(), "redis://"+r.Addr)
	require.ErrorContains(t, err, ": NOAUTH Authentication required.")
	_, err = Open(t.Context(), "redis://:secret@"+r.Addr+"/99")
	require.ErrorContains(t, err, ": ERR DB index is out of range")
	_, err = Open(t.Context(), "redis://:secret@"+r.Addr+"?cluster=true")
	require.ErrorContains(t, err, ": ERR This instance has cluster support disabled")
	b := open(t, "redis://:secret@"+r.Addr+"/1")
	do(t, b, "SET", "k", "v")
	require.Contains(t, do(t, b, "CLIENT", "INFO"), " db=1 ")
	// So do connections of their own.
	do(t, b, "RPUSH", "l", "x")
	require.Equal(t, []any{"l", "x"}, do(t, b, "BLPOP", "l", 1))
	receiver := newReceiver()
	defer subscribe(t, b, receiver, "c")()
	publish(t, b, "c", "heard")
	require.Equal(t, "heard", (<-receiver.events).message)

	s := peers.RedisSentinel(t, peers.RedisTCP(t), "main")
	_, err = Open(t.Context(), "redis://"+s.Addr+"?master_name=other")
	require.EqualError(t, err, "znsocket: could not connect to redis://"+s.Addr+
		"?master_name=other: its sentinels know no master of this name")

	unix := open(t, "unix://:secret@"+r.Socket+"?db=1&client_name=me")
	require.Contains(t, do(t, unix, "CLIENT", "LIST"), "name=me")
}

func TestOpen_TLS(t *testing.T) {
	certFile, keyFile, trusted := makeCertificate(t)
	r := peers.RedisTLS(t, certFile, keyFile)
	_, err := Open(t.Context(), "rediss://"+r.Addr)
	require.ErrorContains(t, err, "could not connect to rediss://"+r.Addr+": tls: failed to verify certificate: x509: certificate signed by unknown authority")
	_, err = Open(t.Context(), "redis://"+r.Addr)
	require.ErrorContains(t, err, "could not connect to redis://"+r.Addr)

	trusting, err := Open(t.Context(), "rediss://"+r.Addr, WithTLS(&tls.Config{RootCAs: trusted}))
	require.NoError(t, err)
	defer trusting.Close()
	for _, b := range []*remote{open(t, "rediss://"+r.Addr+"?skip_verify=true"), trusting.remote} {
		do(t, b, "DEL", "l")
		popped := begin(t.Context(), b, "BLPOP", "l", 0)
		receiver := newReceiver()
		stop := subscribe(t, b, receiver, "c")
		do(t, b, "RPUSH", "l", "x")
		require.Equal(t, answer{val: []any{"l", "x"}}, <-popped)
		publish(t, b, "c", "heard")
		require.Equal(t, "heard", (<-receiver.events).message)
		stop()
	}
}

// makeCertificate writes a certificate for 127.0.0.1 that vouches for itself.
func makeCertificate(t *testing.T) (certFile, keyFile string, trusted *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	trusted = x509.NewCertPool()
	require.True(t, trusted.AppendCertsFromPEM(certPEM))
	return certFile, keyFile, trusted
}

func TestNew_otherClients(t *testing.T) {
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	_, err := New(t.Context(), ring)
	require.EqualError(t, err, "znsocket: a Backend works over a *redis.Client or *redis.ClusterClient, not over a *redis.Ring")
	_, err = New(t.Context(), nil)
	require.ErrorContains(t, err, "not over a <nil>")
}

// A client that the program has stays the program's.
func TestNew_leavesTheClientOpen(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: peers.RedisTCP(t).Addr})
	defer rdb.Close()
	b, err := New(t.Context(), rdb)
	require.NoError(t, err)
	do(t, b, "SET", "k", "v")
	require.NoError(t, b.Close())
	_, err = b.Do(t.Context(), "GET", "k")
	require.ErrorIs(t, err, znsocket.ErrClosed)
	require.Equal(t, "v", rdb.Get(t.Context(), "k").Val())

	b, err = New(t.Context(), rdb, znsocket.WithNodeLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	require.NoError(t, rdb.Close())
	_, err = b.Do(t.Context(), "GET", "k")
	require.ErrorIs(t, err, znsocket.ErrClosed)
	require.NoError(t, b.Close())
	_, err = New(t.Context(), rdb)
	require.ErrorContains(t, err, ": redis: client is closed")
}
