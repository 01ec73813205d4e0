package pycall

import (
	"slices"
	"strings"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// That redis-py makes something of the places depends on options that an
// execute_command does not have: unit is always there.
var geoMethods = []line{
	{"geoadd", "name, values, nx=False, xx=False, ch=False", "GEOADD name NX?nx XX?xx CH?ch @values", asIs, checkGeoadd},
	{"geodist", "name, place1, place2, unit=None", "GEODIST name place1 place2 =unit", float, checkGeodist},
	{"geohash", "name, *values", "GEOHASH name *", asIs, nil},
	{"geopos", "name, *values", "GEOPOS name *", coordinates, nil},
	{"georadius", "name, longitude, latitude, radius, unit=None, " + georadiusOptions,
		"GEORADIUS name %longitude %latitude %radius unit " + georadiusWords, asIs.with("unit", places), checkGeoradius},
	{"georadiusbymember", "name, member, radius, unit=None, " + georadiusOptions,
		"GEORADIUSBYMEMBER name member %radius unit " + georadiusWords, asIs.with("unit", places), checkGeoradius},
	{"geosearch", "name, " + geosearchOptions + "withcoord=False, withdist=False, withhash=False",
		"GEOSEARCH name " + geosearchWords + " WITHDIST?withdist WITHCOORD?withcoord WITHHASH?withhash",
		asIs.with("unit", places), checkGeosearch},
	{"geosearchstore", "dest, name, " + geosearchOptions + "storedist=False",
		"GEOSEARCHSTORE dest name " + geosearchWords + " STOREDIST?storedist", asIs, checkGeosearch},
}

const (
	georadiusOptions = "withdist=False, withcoord=False, withhash=False, count=None, sort=None, store=None, store_dist=None, any=False"
	georadiusWords   = "WITHDIST?withdist WITHCOORD?withcoord WITHHASH?withhash COUNT=%count ANY?any =sort STORE=store STOREDIST=store_dist"

	geosearchOptions = "member=None, longitude=None, latitude=None, unit='m', radius=None, width=None, height=None, " +
		"sort=None, count=None, any=False, "
	geosearchWords = "FROMMEMBER=member FROMLONLAT=%longitude,%latitude @radius @width =sort COUNT=%count ANY?any"
)

func checkGeoadd(a *args) error {
	if a.true("nx") && a.true("xx") {
		return dataError("GEOADD allows either 'nx' or 'xx', not both")
	}
	values := a.get("values")
	list, ok := elements(values)
	if !ok {
		return a.m.unsized(values)
	}
	if len(list)%3 != 0 {
		return dataError("GEOADD requires places with lon, lat and name values")
	}
	return nil
}

var geoUnits = []string{"m", "km", "mi", "ft"}

func checkGeodist(a *args) error {
	if a.forget("unit") && !a.is("unit", geoUnits...) {
		return dataError("GEODIST invalid unit")
	}
	return nil
}

func checkGeoradius(a *args) error {
	if !a.forget("unit") {
		a.set("unit", &pyjson.Value{Kind: pyjson.String, Text: "m"})
	}
	switch {
	case !a.is("unit", geoUnits...):
		return dataError("GEORADIUS invalid unit")
	case a.true("any") && !a.given("count"):
		return dataError("``any`` can't be provided without ``count``")
	case a.forget("sort") && !a.is("sort", "ASC", "DESC"):
		return dataError("GEORADIUS invalid sort")
	case a.forget("store") && a.forget("store_dist"):
		return dataError("GEORADIUS store and store_dist can't be set together")
	}
	a.forget("store_dist")
	return nil
}

func checkGeosearch(a *args) error {
	if !a.given("member") && !(a.given("longitude") && a.given("latitude")) {
		return dataError("GEOSEARCH must have member or longitude and latitude")
	}
	if a.forget("member") && (a.true("longitude") || a.true("latitude")) {
		return dataError("GEOSEARCH member and longitude or latitude can't be set together")
	}
	if !(a.given("longitude") && a.given("latitude")) {
		a.set("longitude", &absent)
	}
	if err := a.checkGeoArea(); err != nil {
		return err
	}
	if a.forget("sort") {
		if sort := a.get("sort"); sort.Kind != pyjson.String {
			return a.m.noAttribute(sort, "upper")
		} else if order := strings.ToUpper(sort.Text); order == "ASC" || order == "DESC" {
			a.set("sort", &pyjson.Value{Kind: pyjson.String, Text: order})
		} else {
			return dataError("GEOSEARCH invalid sort")
		}
	}
	if !a.forget("count") && a.true("any") {
		return dataError("GEOSEARCH ``any`` can't be provided without count")
	}
	return nil
}

// checkGeoArea makes the words of a circle, a box, or whatever was given.
func (a *args) checkGeoArea() error {
	unit := a.get("unit")
	switch {
	case !a.given("radius") && !(a.given("width") && a.given("height")):
		return dataError("GEOSEARCH must have radius or width and height")
	case unit.Kind == pyjson.Null:
		return dataError("GEOSEARCH must have unit")
	case unit.Kind != pyjson.String && unit.Kind != pyjson.Bytes:
		return a.m.noAttribute(unit, "lower")
	case unit.Kind == pyjson.Bytes || !slices.Contains(geoUnits, strings.ToLower(unit.Text)):
		return dataError("GEOSEARCH invalid unit")
	}
	radius, width, height := a.get("radius"), a.get("width"), a.get("height")
	box := truthy(width) && truthy(height)
	switch {
	case !truthy(radius):
		a.set("radius", &absent)
	case truthy(width) || truthy(height):
		return dataError("GEOSEARCH radius and width or height can't be set together")
	default:
		a.send("radius", []pyjson.Value{literal("'BYRADIUS'"), *radius, *unit})
	}
	a.set("width", &absent)
	if box {
		a.send("width", []pyjson.Value{literal("'BYBOX'"), *width, *height, *unit})
	}
	return nil
}
