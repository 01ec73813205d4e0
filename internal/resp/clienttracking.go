package resp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// clientTracking is CLIENT TRACKING, which begins and ends the tracking of keys.
func clientTracking(s *session, argv []string) any {
	how, err := s.trackingOptions(argv)
	if err != nil {
		return err
	}
	switch a := keyspace.Args(argv); {
	case a.Is(2, "OFF"):
		s.srv.tracker.track(s, nil)
		return keyspace.OK
	case !a.Is(2, "ON"):
		return keyspace.ErrSyntax
	}
	old := s.tracking
	switch {
	case !how.broadcast && len(how.prefixes) > 0:
		return errPrefixWithoutBroadcast
	case old != nil && old.broadcast != how.broadcast:
		return errSwitchBroadcast
	case how.broadcast && (how.optIn || how.optOut):
		return errOptWithBroadcast
	case how.optIn && how.optOut:
		return errOptBoth
	case old != nil && (how.optIn && old.optOut || how.optOut && old.optIn):
		return errSwitchOpt
	}
	if how.broadcast {
		if err := how.addPrefixes(old); err != nil {
			return err
		}
	}
	s.srv.tracker.track(s, how)
	return keyspace.OK
}

func (s *session) trackingOptions(argv []string) (*tracking, error) {
	how := &tracking{self: true, keys: map[string]struct{}{}}
	a := keyspace.Args(argv)
	for i := 3; i < len(a); i++ {
		more := i+1 < len(a)
		switch {
		case a.Is(i, "REDIRECT") && more:
			if how.redirect != 0 {
				return nil, errRedirectTwice
			}
			i++
			id, err := a.Int(i)
			if err != nil {
				return nil, err
			}
			if s.srv.session(id) == nil {
				return nil, errNoRedirect
			}
			how.redirect = id
		case a.Is(i, "BCAST"):
			how.broadcast = true
		case a.Is(i, "OPTIN"):
			how.optIn = true
		case a.Is(i, "OPTOUT"):
			how.optOut = true
		case a.Is(i, "NOLOOP"):
			how.self = false
		case a.Is(i, "PREFIX") && more:
			i++
			how.prefixes = append(how.prefixes, a[i])
		default:
			return nil, keyspace.ErrSyntax
		}
	}
	return how, nil
}

// maxPrefixes is how many prefixes one session hears of.
const maxPrefixes = 1000

// addPrefixes adds the prefixes of before, all keys where there are none at all. A key
// must not have two of them.
func (how *tracking) addPrefixes(old *tracking) error {
	overlap := func(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
	for i, prefix := range how.prefixes {
		if old != nil {
			if at := slices.IndexFunc(old.prefixes, func(o string) bool { return overlap(prefix, o) }); at >= 0 {
				return errPrefixes(prefix, "an existing prefix", old.prefixes[at])
			}
		}
		for _, other := range how.prefixes[i+1:] {
			if overlap(prefix, other) {
				return errPrefixes(prefix, "another provided prefix", other)
			}
		}
	}
	if len(how.prefixes) == 0 {
		how.prefixes = []string{""}
	}
	if old != nil {
		for _, prefix := range old.prefixes {
			if !slices.Contains(how.prefixes, prefix) {
				how.prefixes = append(how.prefixes, prefix)
			}
		}
	}
	if len(how.prefixes) > maxPrefixes {
		return keyspace.Error(fmt.Sprintf("ERR more than %d prefixes", maxPrefixes))
	}
	return nil
}

// clientCaching is CLIENT CACHING, which is about the next command.
func clientCaching(s *session, argv []string) any {
	how, a := s.tracking, keyspace.Args(argv)
	switch {
	case how == nil:
		return errCachingWithoutTracking
	case a.Is(2, "YES") && !how.optIn:
		return errCachingYes
	case a.Is(2, "NO") && !how.optOut:
		return errCachingNo
	case !a.Is(2, "YES") && !a.Is(2, "NO"):
		return keyspace.ErrSyntax
	}
	s.caching = true
	return keyspace.OK
}

func clientGetRedir(s *session, _ []string) any {
	if s.tracking == nil {
		return int64(-1)
	}
	return s.tracking.redirect
}

func clientTrackingInfo(s *session, argv []string) any {
	t := &s.srv.tracker
	t.mu.Lock()
	defer t.mu.Unlock()
	flags, prefixes := keyspace.Set{"on"}, []any{}
	how := s.tracking
	if how == nil {
		flags, how = keyspace.Set{"off"}, &tracking{redirect: -1, self: true}
	}
	for _, flag := range []struct {
		is   bool
		name string
	}{
		{how.broadcast, "bcast"}, {how.optIn, "optin"}, {how.optIn && s.caching, "caching-yes"}, {how.optOut, "optout"},
		{how.optOut && s.caching, "caching-no"}, {!how.self, "noloop"}, {how.broken, "broken_redirect"},
	} {
		if flag.is {
			flags = append(flags, flag.name)
		}
	}
	for _, prefix := range slices.Sorted(slices.Values(how.prefixes)) {
		prefixes = append(prefixes, prefix)
	}
	return mapping{"flags", flags, "redirect", how.redirect, "prefixes", prefixes}
}
