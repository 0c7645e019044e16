// Package rpc is the gRPC plumbing that Flint's processes share: how they dial
// and serve, who may talk, how large a message may be, and fault points.
package rpc

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that this one falls back on
	"google.golang.org/grpc/mem"
)

// Raw is a message that encodes itself; it crosses gRPC without being copied
// into one piece.
type Raw interface {
	// Buffers returns the message; gRPC reads them until the message is sent,
	// so they must never change.
	Buffers() mem.BufferSlice
	// SetBuffers takes a received message, which is valid during the call only.
	SetBuffers(mem.BufferSlice) error
}

// codec passes Raw messages through and everything else to protobuf.
type codec struct{ proto encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if r, ok := v.(Raw); ok {
		return r.Buffers(), nil
	}
	return c.proto.Marshal(v)
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if r, ok := v.(Raw); ok {
		if err := r.SetBuffers(data); err != nil {
			return fmt.Errorf("decode frame: %w", err)
		}
		return nil
	}
	return c.proto.Unmarshal(data, v)
}

// Name is protobuf's, so that peers need no content subtype of their own.
func (codec) Name() string { return "proto" }
