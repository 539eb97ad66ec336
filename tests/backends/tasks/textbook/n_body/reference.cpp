template <class real>
void pull(const Args<real>& a, int64_t i) {
  real x = 0, y = 0, z = 0;
  for (int64_t j = 0; j < a.n; ++j) {
    const real dx = a.x(j) - a.x(i), dy = a.y(j) - a.y(i), dz = a.z(j) - a.z(i);
    const real inverse = rsqrt(dx * dx + dy * dy + dz * dz + real(0.01f));
    const real weight = a.m(j) * inverse * inverse * inverse;
    x += dx * weight;
    y += dy * weight;
    z += dz * weight;
  }
  a.ax(i) = x;
  a.ay(i) = y;
  a.az(i) = z;
}
