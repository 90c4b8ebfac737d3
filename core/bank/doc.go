// Package bank is the item bank: concepts, their prerequisites, and items. A concept or an item may belong to an
// institution; without one it is shared by all.
package bank
