package main

import (
	"math/bits"
	"time"
)

const (
	// subBits cut each power of two into 32 buckets, so that a latency is right to 3 %.
	subBits = 5
	buckets = (64 - subBits + 1) << subBits
)

// histogram counts latencies in microseconds; its size does not depend on how many they are.
type histogram struct {
	counts [buckets]uint64
	total  uint64
	most   time.Duration
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(uint64(max(0, d.Microseconds())))]++
	h.total++
	h.most = max(h.most, d)
}

func (h *histogram) merge(other *histogram) {
	for i, count := range other.counts {
		h.counts[i] += count
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

// percentile is the lower end of the bucket that holds it; 0 of none.
func (h *histogram) percentile(p float64) time.Duration {
	rank, seen := uint64(p/100*float64(h.total)), uint64(0)
	for i, count := range h.counts {
		if seen += count; seen > rank || seen == h.total && seen > 0 {
			return time.Duration(startOf(i)) * time.Microsecond
		}
	}
	return 0
}

// bucketOf is exact below 32 and keeps the five bits below the highest above.
func bucketOf(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return (shift+1)<<subBits + int(v>>shift) - 1<<subBits
}

func startOf(bucket int) uint64 {
	if bucket < 1<<subBits {
		return uint64(bucket)
	}
	shift := bucket>>subBits - 1
	return uint64(bucket&(1<<subBits-1)+1<<subBits) << shift
}
