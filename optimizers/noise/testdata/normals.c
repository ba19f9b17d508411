// Prints the hash of Normal's first 100,000 numbers for seed 20260101, step
// 5*2^32+7, row 3, from the definition, with frexp, division and conversions for
// what the Go code does on bits:
//
//	cc -O2 -ffp-contract=off normals.c -lm && ./a.out
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53 * c[0], p1 = (uint64_t)0xCD9E8D57 * c[2];
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[0] = n0, c[1] = (uint32_t)p1, c[2] = n2, c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
}

static double horner(double z, const double *c, int degree) {
  double p = c[degree];
  while (degree-- > 0) p = fma(z, p, c[degree]);
  return p;
}

static void polar(uint64_t word, double out[2]) {
  static const double l[] = {-4.000000000016848, -1.333333304808938, -0.8000077174054379, -0.5706997170378515, -0.47234934570148823};
  static const double s[] = {1.57079632678775, -0.6459640961024186, 0.07969258184289243, -0.004681260627579776, 0.0001581950742865496};
  static const double c[] = {0.9999999999999344, -1.2337005501181886, 0.2536695070914816, -0.020863467311975636, 0.0009191586040068789, -2.484597859824764e-05};
  double u = ldexp((double)(2 * (word >> 12) + 1), -53);
  int k;
  double m = frexp(u, &k); // in [1/2, 1)
  uint64_t seam = 0x3FE6A09E00000000, bits;
  double least;
  memcpy(&least, &seam, 8);
  if (m < least) m *= 2, k--;
  double t = (m - 1) / (m + 1);
  double tp = t * horner(t * t, l, 4);
  double r = sqrt(fma(k, -2 * 0.693147180559945309417232121458, tp));

  uint32_t low = (uint32_t)word, w = low << 24 | (low & 0xFF00) << 8 | (low >> 8 & 0xFF00) | low >> 24;
  double v = ldexp((double)(w & ((1u << 30) - 1)) + 0.5, -30) - 0.5;
  double vs = v * horner(v * v, s, 4);
  double y = r * vs, x = r * horner(v * v, c, 5);
  if (word & 128) x = -x;
  int first = (word & 64) != 0;
  out[first] = x, out[1 - first] = y;
}

int main(void) {
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  for (uint32_t block = 0; block < 25000; block++) {
    uint32_t w[4] = {block, 3, 7, 5};
    philox(w, 20260101, 0);
    double z[4];
    polar((uint64_t)w[1] << 32 | w[0], z);
    polar((uint64_t)w[3] << 32 | w[2], z + 2);
    unsigned char bytes[32];
    memcpy(bytes, z, 32);
    for (int i = 0; i < 32; i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
  }
  printf("%llx\n", (unsigned long long)hash);
  return 0;
}
