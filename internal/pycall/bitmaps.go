package pycall

import "github.com/znsocket/znsocket/internal/pyjson"

var bitmapMethods = []line{
	{"bitcount", "key, start=None, end=None, mode=None", "BITCOUNT key =%start,%end =mode", asIs, checkBitcount},
	{"bitfield_ro", "key, encoding, offset, items=None", "BITFIELD_RO key GET encoding %offset @items", asIs, checkBitfield},
	{"bitop", "operation, dest, *keys", "BITOP operation dest *", asIs, nil},
	{"bitpos", "key, bit, start=None, end=None, mode=None", "BITPOS key %bit =%start =%end =mode", asIs, checkBitpos},
	{"getbit", "name, offset", "GETBIT name %offset", asIs, nil},
	{"setbit", "name, offset, value", "SETBIT name %offset %value", asIs, checkSetbit},
}

func checkBitcount(a *args) error {
	if a.given("start") != a.given("end") {
		return dataError("Both start and end must be specified")
	}
	return nil
}

func checkBitpos(a *args) error {
	bit := a.get("bit")
	switch {
	case !equalNumbers(bit, integer(0)) && !equalNumbers(bit, integer(1)):
		return dataError("bit must be 0 or 1")
	case a.given("end") && !a.given("start"):
		return dataError("start argument is not set, when end is specified")
	}
	return nil
}

func checkSetbit(a *args) error {
	bit := integer(0)
	if a.true("value") {
		bit = integer(1)
	}
	a.set("value", bit)
	return nil
}

// checkBitfield sends a GET for each further pair of an encoding and an offset.
func checkBitfield(a *args) error {
	items := a.get("items")
	if !truthy(items) {
		a.set("items", &absent)
		return nil
	}
	pairs, err := a.m.pairs(items)
	if err != nil {
		return err
	}
	var words []pyjson.Value
	for _, pair := range pairs {
		words = append(words, literal("'GET'"), pair[0], pair[1])
	}
	a.send("items", words)
	return nil
}
