package keyspace

import "math"

// area is what is searched: around a place a circle, or a box where width and height
// are there. All is in metres.
type area struct {
	point
	radius        float64
	box           bool
	width, height float64
	unit          float64 // what distances are told in
}

// distance returns how far p is from the middle, and whether it lies within the area.
func (ar *area) distance(p point) (float64, bool) {
	if ar.box && (ar.latDistance(p) > ar.height/2 || p.distance(point{ar.lon, p.lat}) > ar.width/2) {
		return 0, false
	}
	distance := ar.point.distance(p)
	return distance, ar.box || distance <= ar.radius
}

// corners returns the south-west and the north-east of what lies around the area.
func (ar *area) corners() (southWest, northEast point) {
	width, height := ar.radius, ar.radius
	if ar.box {
		width, height = ar.width/2, ar.height/2
	}
	north := height / earthRadius / degree
	wider := ar.lat + north // the parallel nearer to the pole
	if ar.lat < 0 {
		wider = ar.lat - north
	}
	east := width / earthRadius / math.Cos(wider*degree) / degree
	return point{ar.lon - east, ar.lat - north}, point{ar.lon + east, ar.lat + north}
}

// cells returns cells that have the area in them: the one in the middle and those
// around it, as far as they are needed.
func (ar *area) cells() []cell {
	southWest, northEast := ar.corners()
	radius := ar.radius
	if ar.box {
		radius = math.Sqrt(ar.width/2*(ar.width/2) + ar.height/2*(ar.height/2))
	}
	middle := cellOf(ar.point, maxLat, stepsFor(radius, ar.lat))
	if middle.step > 1 && !middle.reaches(southWest, northEast) {
		middle = cellOf(ar.point, maxLat, middle.step-1)
	}
	low, high := middle.bounds()
	all := middle.step < 2
	south, north := all || low.lat >= southWest.lat, all || high.lat <= northEast.lat
	west, east := all || low.lon >= southWest.lon, all || high.lon <= northEast.lon
	cells := []cell{middle}
	for _, side := range []struct {
		east, north int
		needed      bool
	}{
		{0, 1, north}, {0, -1, south}, {1, 0, east}, {-1, 0, west},
		{1, 1, north && east}, {-1, 1, north && west}, {1, -1, south && east}, {-1, -1, south && west},
	} {
		// Of large cells two sides may be the same one.
		if c := middle.beside(side.east, side.north); side.needed && (len(cells) == 1 || c != cells[len(cells)-1]) {
			cells = append(cells, c)
		}
	}
	return cells
}

// reaches reports whether the neighbours of c lie around what is between two corners.
func (c cell) reaches(southWest, northEast point) bool {
	south, _ := c.beside(0, -1).bounds()
	west, _ := c.beside(-1, 0).bounds()
	_, north := c.beside(0, 1).bounds()
	_, east := c.beside(1, 0).bounds()
	return north.lat >= northEast.lat && south.lat <= southWest.lat && east.lon >= northEast.lon && west.lon <= southWest.lon
}

// stepsFor returns how often the world can be halved until cells are about as large
// as a radius; towards the poles they are narrower.
func stepsFor(radius, lat float64) int {
	if radius == 0 {
		return geoSteps
	}
	step := -1
	for ; radius < mercatorMax; radius *= 2 {
		step++
	}
	if math.Abs(lat) > 66 {
		step--
	}
	if math.Abs(lat) > 80 {
		step--
	}
	return min(max(step, 1), geoSteps)
}
