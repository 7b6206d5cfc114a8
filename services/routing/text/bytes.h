// Numbers as little-endian bytes, wherever they stand.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint16_t routing_get_u16(const uint8_t *at) {
  return (uint16_t)(at[0] | at[1] << 8);
}
static inline uint32_t routing_get_u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline uint64_t routing_get_u64(const uint8_t *at) {
  return routing_get_u32(at) | (uint64_t)routing_get_u32(at + 4) << 32;
}
static inline float routing_get_f32(const uint8_t *at) {
  const uint32_t bits = routing_get_u32(at);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline void routing_put_u16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}
static inline void routing_put_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> (8 * i));
}
static inline void routing_put_u64(uint8_t *at, uint64_t value) {
  for (int i = 0; i < 8; i++)
    at[i] = (uint8_t)(value >> (8 * i));
}
static inline void routing_put_f32(uint8_t *at, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  routing_put_u32(at, bits);
}
