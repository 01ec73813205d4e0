package resp

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// info is INFO, as far as clients read it.
func info(s *session, argv []string) any {
	wanted := argv[1:]
	if len(wanted) == 0 {
		wanted = []string{"default"}
	}
	var b strings.Builder
	for _, section := range []struct {
		name  string
		lines func(*session) []string
	}{
		{"Server", serverInfo}, {"Clients", clientsInfo}, {"Memory", memoryInfo}, {"Persistence", persistenceInfo},
		{"Stats", statsInfo}, {"Replication", replicationInfo}, {"Commandstats", commandStatsInfo}, {"Errorstats", errorStatsInfo}, {"Cluster", clusterInfo}, {"Keyspace", keyspaceInfo},
	} {
		if !slices.ContainsFunc(wanted, func(w string) bool {
			switch w = strings.ToLower(w); w {
			case "all", "everything":
				return true
			case "default":
				return section.name != "Commandstats"
			}
			return strings.EqualFold(w, section.name)
		}) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString("# " + section.name + "\r\n" + strings.Join(section.lines(s), "\r\n") + "\r\n")
	}
	return verbatim(b.String())
}

func serverInfo(s *session) []string {
	up := s.srv.uptime()
	return []string{
		"redis_version:" + redisVersion, "redis_mode:standalone", "os:" + runtime.GOOS + " " + runtime.GOARCH, "arch_bits:64",
		fmt.Sprint("process_id:", os.Getpid()), fmt.Sprint("uptime_in_seconds:", int(up.Seconds())), fmt.Sprint("uptime_in_days:", int(up.Hours()/24)),
	}
}

func clientsInfo(s *session) []string {
	all, blocked := s.srv.all(), 0
	for _, c := range all {
		c.mu.Lock()
		if c.waits != nil {
			blocked++
		}
		c.mu.Unlock()
	}
	return []string{fmt.Sprint("connected_clients:", len(all)), fmt.Sprint("maxclients:", maxClients), fmt.Sprint("blocked_clients:", blocked)}
}

func statsInfo(s *session) []string {
	s.srv.mu.Lock()
	commands, accepted := s.srv.commands, s.srv.accepted
	for _, c := range s.srv.sessions {
		commands += c.commands.Load()
	}
	s.srv.mu.Unlock()
	p := &s.srv.pubsub
	p.mu.RLock()
	defer p.mu.RUnlock()
	return []string{
		fmt.Sprint("total_connections_received:", accepted), fmt.Sprint("total_commands_processed:", commands),
		fmt.Sprint("pubsub_channels:", len(p.subs[channels])), fmt.Sprint("pubsub_patterns:", len(p.subs[patterns])),
	}
}

func replicationInfo(*session) []string { return []string{"role:master", "connected_slaves:0"} }

func clusterInfo(*session) []string { return []string{"cluster_enabled:0"} }

func keyspaceInfo(s *session) []string {
	var lines []string
	for db, of := range s.srv.backend.Space().Sizes(s.run != nil) {
		if of.Keys > 0 {
			lines = append(lines, fmt.Sprintf("db%d:keys=%d,expires=%d,avg_ttl=%d", db, of.Keys, of.Expires, of.AverageTTL))
		}
	}
	return lines
}
