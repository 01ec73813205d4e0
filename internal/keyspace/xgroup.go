package keyspace

var xgroup = subcommands([]subcommand{
	{"CREATE", -5, xgroupCreate},
	{"SETID", -5, xgroupSetID},
	{"DESTROY", 4, xgroupDestroy},
	{"CREATECONSUMER", 5, xgroupCreateConsumer},
	{"DELCONSUMER", 5, xgroupDelConsumer},
	{"HELP", 2, xgroupHelp},
})

func xgroupHelp(*DB, Args) (any, error) {
	return Help("XGROUP",
		"CREATE <key> <groupname> <id|$> [option]",
		"    Create a new consumer group. Options are:",
		"    * MKSTREAM",
		"      Create the empty stream if it does not exist.",
		"    * ENTRIESREAD entries_read",
		"      Set the group's entries_read counter (internal use).",
		"CREATECONSUMER <key> <groupname> <consumer>",
		"    Create a new consumer in the specified group.",
		"DELCONSUMER <key> <groupname> <consumer>",
		"    Remove the specified consumer.",
		"DESTROY <key> <groupname>",
		"    Remove the specified group.",
		"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
		"    Set the current group ID and entries_read counter.",
	), nil
}

// groupOptions reads what follows the ID of XGROUP CREATE, where a stream may be
// made, and of XGROUP SETID.
func (a Args) groupOptions(create bool) (read int64, makes bool, err error) {
	read = unknownReads
	for i := 5; i < len(a); i++ {
		switch {
		case create && a.Is(i, "MKSTREAM"):
			makes = true
		case a.Is(i, "ENTRIESREAD") && i+1 < len(a):
			i++
			if read, err = a.Int(i); err != nil {
				return read, makes, err
			}
			if read < 0 && read != unknownReads {
				return read, makes, errEntriesRead
			}
		default:
			return read, makes, errSubcommandSyntax(a)
		}
	}
	return read, makes, nil
}

// streamToChange returns the stream of an XGROUP, which must be there.
func (db *DB) streamToChange(a Args) (*stream, error) {
	s, err := typed[*stream](db, a[2])
	if err == nil && s == nil {
		err = errGroupNeedsKey
	}
	return s, err
}

// groupToChange returns the stream and the group of an XGROUP.
func (db *DB) groupToChange(a Args) (*stream, *group, error) {
	s, err := db.streamToChange(a)
	if err != nil {
		return nil, nil, err
	}
	g := s.group(a[3])
	if g == nil {
		return nil, nil, errNoGroupOfKey(a[3], a[2])
	}
	return s, g, nil
}

func xgroupCreate(db *DB, a Args) (any, error) {
	read, makes, err := a.groupOptions(true)
	if err != nil {
		return nil, err
	}
	s, err := typed[*stream](db, a[2])
	created := s == nil
	switch {
	case err != nil:
		return nil, err
	case created && !makes:
		return nil, errGroupNeedsKey
	case created:
		s = newStream()
	}
	if len(a) > 8 {
		return nil, errSubcommandSyntax(a)
	}
	id := s.last
	if a[4] != "$" {
		if id, err = a.streamID(4, 0); err != nil {
			return nil, err
		}
	}
	if s.group(a[3]) != nil {
		return nil, errGroupExists
	}
	s.groups.Set(a[3], newGroup(id, read))
	if created {
		db.put(a[2], s)
		db.changed("xgroup-create", a[2])
	} else {
		db.notify("xgroup-create", a[2])
	}
	return ok, nil
}

func xgroupSetID(db *DB, a Args) (any, error) {
	read, _, err := a.groupOptions(false)
	if err != nil {
		return nil, err
	}
	s, g, err := db.groupToChange(a)
	if err != nil {
		return nil, err
	}
	if len(a) != 5 && len(a) != 7 {
		return nil, errSubcommandSyntax(a)
	}
	id := s.last
	if a[4] != "$" {
		if id, err = parseLaxStreamID(a[4], 0); err != nil {
			return nil, err
		}
	}
	g.last, g.read = id, read
	db.notify("xgroup-setid", a[2])
	return ok, nil
}

// xgroupDestroy wakes who reads for the group: it is no change of the stream.
func xgroupDestroy(db *DB, a Args) (any, error) {
	s, err := db.streamToChange(a)
	if err != nil {
		return nil, err
	}
	if s.group(a[3]) == nil {
		return zero, nil
	}
	s.groups.Delete(a[3])
	db.notify("xgroup-destroy", a[2])
	db.wake(a[2])
	return one, nil
}

func xgroupCreateConsumer(db *DB, a Args) (any, error) {
	_, g, err := db.groupToChange(a)
	if err != nil {
		return nil, err
	}
	if g.consumer(a[4], 0) != nil {
		return zero, nil
	}
	db.consumer(a[2], g, a[4], db.space.nowMilli())
	return one, nil
}

func xgroupDelConsumer(db *DB, a Args) (any, error) {
	_, g, err := db.groupToChange(a)
	if err != nil {
		return nil, err
	}
	c := g.consumer(a[4], 0)
	if c == nil {
		return zero, nil
	}
	g.removeConsumer(c)
	db.notify("xgroup-delconsumer", a[2])
	return intReply(c.pending.len()), nil
}
