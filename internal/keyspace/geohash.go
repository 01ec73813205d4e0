package keyspace

import "math"

// A place lies in a sorted set, with its geohash as the score: the world, as the
// Mercator projection has it, is halved again and again, and each bit says in which
// half the place is; longitude and latitude take turns, longitude first.
const (
	geoSteps  = 26 // how often each is halved, for a score
	maxLon    = 180
	maxLat    = 85.05112878
	alphabet  = "0123456789bcdefghjkmnpqrstuvwxyz"
	hashChars = 11
)

// point is a place in degrees.
type point struct{ lon, lat float64 }

// cell is what lies between meridians and parallels: its number from the west, and
// from the south, where each is halved step times.
type cell struct {
	x, y uint32
	step int
}

// cellOf returns the cell of a point, with latitudes from -lat to lat.
func cellOf(p point, lat float64, step int) cell {
	side := float64(uint64(1) << step)
	return cell{
		x:    uint32((p.lon + maxLon) / (2 * maxLon) * side),
		y:    uint32((p.lat + lat) / (lat + lat) * side),
		step: step,
	}
}

// hash is the number of the cell: the bits of x and y by turns.
func (c cell) hash() uint64 { return spread(c.x)<<1 | spread(c.y) }

// cellOfScore is the smallest cell of a place.
func cellOfScore(score float64) cell {
	hash := bitsOf(score)
	return cell{gather(hash >> 1), gather(hash), geoSteps}
}

// bitsOf is score as an integer of 64 bits or, where it is none, what a processor
// makes of it that is asked by C.
func bitsOf(score float64) uint64 {
	const half = 1 << 63
	switch {
	case score >= 2*half:
		return 0
	case score >= half:
		return uint64(score-half) | half
	case score < -half:
		return half
	}
	return uint64(int64(score))
}

// spread puts a zero above each bit, gather takes every second bit.
func spread(n uint32) uint64 {
	x := uint64(n)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

func gather(x uint64) uint32 {
	x &= 0x5555555555555555
	x = (x | x>>1) & 0x3333333333333333
	x = (x | x>>2) & 0x0f0f0f0f0f0f0f0f
	x = (x | x>>4) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return uint32(x | x>>16)
}

// bounds returns the corners of a cell.
func (c cell) bounds() (southWest, northEast point) {
	side := float64(uint64(1) << c.step)
	corner := func(x, y uint64) point {
		return point{
			-maxLon + float64(float64(x)/side*(2*maxLon)),
			-maxLat + float64(float64(y)/side*(2*maxLat)),
		}
	}
	return corner(uint64(c.x), uint64(c.y)), corner(uint64(c.x)+1, uint64(c.y)+1)
}

// center is the place that a score stands for.
func center(score float64) point {
	southWest, northEast := cellOfScore(score).bounds()
	return point{
		min(max((southWest.lon+northEast.lon)/2, -maxLon), maxLon),
		min(max((southWest.lat+northEast.lat)/2, -maxLat), maxLat),
	}
}

// scoreOf returns the score of a place.
func scoreOf(p point) float64 { return float64(cellOf(p, maxLat, geoSteps).hash()) }

// scores are those of places in the cell, from lo up to hi.
func (c cell) scores() (lo, hi float64) {
	left := 2 * (geoSteps - c.step)
	return float64(c.hash() << left), float64((c.hash() + 1) << left)
}

// beside returns the cell that is so many to the east and the north, around the
// world and, strangely, over the poles.
func (c cell) beside(east, north int) cell {
	mask := uint32(1)<<c.step - 1
	if east != 0 {
		c.x = uint32(int64(c.x)+int64(east)) & mask
	}
	if north != 0 {
		c.y = uint32(int64(c.y)+int64(north)) & mask
	}
	return c
}

// text is the geohash as the rest of the world writes it: with latitudes up to 90
// degrees, and a last letter that 52 bits do not reach.
func (p point) text() string {
	hash := cellOf(p, 90, geoSteps).hash()
	var text [hashChars]byte
	for i := range text {
		text[i] = alphabet[0]
		if left := 2*geoSteps - 5*(i+1); left >= 0 {
			text[i] = alphabet[hash>>left&0x1f]
		}
	}
	return string(text[:])
}

const (
	earthRadius = 6372797.560856 // in metres
	mercatorMax = 20037726.37
	degree      = math.Pi / 180
)

// distance returns how many metres two places are apart.
func (p point) distance(q point) float64 {
	v := sine((q.lon*degree - p.lon*degree) / 2)
	if v == 0 {
		return p.latDistance(q)
	}
	lat, other := p.lat*degree, q.lat*degree
	u := sine((other - lat) / 2)
	a := float64(u*u) + float64(cosine(lat)*cosine(other)*v*v)
	return 2 * earthRadius * arcsine(math.Sqrt(a))
}

// latDistance is distance along a meridian.
func (p point) latDistance(q point) float64 {
	return earthRadius * math.Abs(float64(q.lat*degree)-float64(p.lat*degree))
}
