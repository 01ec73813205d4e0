package keyspace

// The commands in this file are ours, as those in listobject.go: they do in one
// step what Python's dict does.
//
//	ZN.HPOP key field    d.pop(field), nil where there is no such field
//	ZN.HDEL key field …  del d[field]: the fields that were there
//	ZN.HCLEAR key        d.clear(): the fields that were there

func znHashPop(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return nil, err
	}
	value, was := h.delete(a[2])
	if !was {
		return nil, nil
	}
	db.changed("hdel", a[1])
	db.dropIfEmpty(a[1], h.len())
	return value, nil
}

func znHashDel(db *DB, a Args) (any, error) {
	h, err := typed[*hash](db, a[1])
	if err != nil || h == nil {
		return []string{}, err
	}
	deleted := []string{}
	for _, field := range a[2:] {
		if _, was := h.delete(field); was {
			deleted = append(deleted, field)
		}
	}
	if len(deleted) > 0 {
		db.changed("hdel", a[1])
		db.dropIfEmpty(a[1], h.len())
	}
	return deleted, nil
}

func znHashClear(db *DB, a Args) (any, error) {
	fields, err := hkeys(db, a)
	if err == nil {
		db.drop(a[1])
	}
	return fields, err
}
