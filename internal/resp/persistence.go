package resp

import (
	"fmt"
	"strings"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Keeper keeps the data of a Backend on a disk.
type Keeper interface {
	// Settle returns when all that was changed so far is kept.
	Settle() error
	// Save writes all anew, and BeginSave has it written in the background. It is an
	// ErrSaving where that is being done.
	Save() error
	BeginSave() error
	Status() KeeperStatus
}

// KeeperStatus is what INFO tells of a Keeper.
type KeeperStatus struct {
	Saving, SaveFailed, WriteFailed bool
	Saved                           time.Time
	LogSize, SnapshotSize           int64
	Sync                            string // as Redis's appendfsync
}

// ErrSaving is why nothing is saved.
const ErrSaving = keyspace.Error("ERR Background save already in progress")

// Replies to what has changed data leave when that is kept, all that wait at once.
// While such a command is run, and until it is known that it has changed something,
// they are held, as messages are written by another goroutine.

// hold has nothing leave until release.
func (s *session) hold() {
	if s.srv.keeper == nil {
		return
	}
	s.mu.Lock()
	s.held = true
	s.mu.Unlock()
}

// release has what is to be said leave when all is kept that was changed.
func (s *session) release() {
	if s.srv.keeper == nil {
		return
	}
	s.mu.Lock()
	s.held, s.owes = false, true
	s.mu.Unlock()
}

// mayChange reports whether a command may change data.
func mayChange(argv []string) bool {
	if cmd, err := keyspace.Find(argv); err == nil {
		return cmd.MayChange()
	}
	return strings.EqualFold(argv[0], "EXEC")
}

// settled returns out when it may leave, or what is to be said instead.
func (s *session) settled(out []byte, owes bool) ([]byte, error) {
	if !owes {
		return out, nil
	}
	if err := s.srv.keeper.Settle(); err != nil {
		return fmt.Appendf(out[:0], "-%s\r\n", errorText(err)), err
	}
	return out, nil
}

func save(s *session, _ []string) any {
	if s.multi != nil && s.run == nil {
		s.multi.spoiled = true
		return errNotInMulti
	}
	return s.saves(Keeper.Save, ErrSaving, keyspace.OK)
}

func bgsave(s *session, argv []string) any {
	if len(argv) > 2 || len(argv) == 2 && !strings.EqualFold(argv[1], "SCHEDULE") {
		return keyspace.ErrSyntax
	}
	return s.saves(Keeper.BeginSave, ErrSaving, keyspace.Status("Background saving started"))
}

func bgrewriteaof(s *session, _ []string) any {
	return s.saves(Keeper.BeginSave, errRewriting, keyspace.Status("Background append only file rewriting started"))
}

func (s *session) saves(how func(Keeper) error, busy error, done any) any {
	if s.srv.keeper == nil {
		return errMemoryOnly
	}
	switch err := how(s.srv.keeper); err {
	case nil:
		return done
	case ErrSaving:
		return busy
	default:
		return err
	}
}

// lastsave is when the server began where nothing was saved since.
func lastsave(s *session, _ []string) any {
	if s.srv.keeper == nil {
		return s.srv.begun.Unix()
	}
	return s.srv.keeper.Status().Saved.Unix()
}

func persistenceInfo(s *session) []string {
	lines := []string{"loading:0", "async_loading:0"}
	if s.srv.keeper == nil {
		return append(lines, "rdb_bgsave_in_progress:0", fmt.Sprint("rdb_last_save_time:", s.srv.begun.Unix()),
			"rdb_last_bgsave_status:ok", "aof_enabled:0", "aof_rewrite_in_progress:0", "aof_last_bgrewrite_status:ok", "aof_last_write_status:ok")
	}
	k := s.srv.keeper.Status()
	saving := 0
	if k.Saving {
		saving = 1
	}
	return append(lines,
		fmt.Sprint("rdb_bgsave_in_progress:", saving), fmt.Sprint("rdb_last_save_time:", k.Saved.Unix()),
		"rdb_last_bgsave_status:"+status(k.SaveFailed), "aof_enabled:1", fmt.Sprint("aof_rewrite_in_progress:", saving),
		"aof_last_bgrewrite_status:"+status(k.SaveFailed), "aof_last_write_status:"+status(k.WriteFailed),
		fmt.Sprint("aof_current_size:", k.LogSize+k.SnapshotSize), fmt.Sprint("aof_base_size:", k.SnapshotSize))
}

func status(failed bool) string {
	if failed {
		return "err"
	}
	return "ok"
}
